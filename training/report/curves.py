"""The curves of runs: which there are, in which chart, and thinned out to what a screen can show."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from training.report.record import Line, Record, number

MOST_POINTS, FEWEST_POINTS = 2000, 400
DIGITS = 5
PARTS = "gradient_norms"
COUNTS = ("step", "target_tokens")


@dataclass(frozen=True)
class Curve:
    """Values over steps and over target tokens, three lists of one length.

    `run` is the place of its run; `smoothed` whether the reader's smoothing is for it; `faint` whether it stands
    behind others of its run; `dotted` whether each point is drawn.
    """

    name: str
    run: int
    steps: Sequence[int]
    tokens: Sequence[int]
    values: Sequence[float]
    smoothed: bool = False
    faint: bool = False
    dotted: bool = False


@dataclass(frozen=True)
class Chart:
    """Curves of one unit, under the heading `section` where it has one.

    `logarithmic` is how the chart begins, and the reader may change that; None is linear, always.
    """

    title: str
    about: str
    curves: Sequence[Curve]
    logarithmic: bool | None = None
    section: str = ""


@dataclass(frozen=True)
class Kind:
    """A chart to be drawn where a log has its fields: `key` of training, `validation` of validations."""

    title: str
    about: str
    key: str = ""
    validation: str = ""
    logarithmic: bool | None = None
    smoothed: bool = True


KINDS = (
    Kind("Training loss", "what is minimised, in nats per target token", "loss", logarithmic=False),
    Kind("Negative log-likelihood", "nats per target token, labels not smoothed", "nll", "nll", logarithmic=False),
    Kind("BLEU", "of the validation text, cased, detokenised", validation="bleu"),
    Kind("chrF", "of the validation text, cased, detokenised", validation="chrf"),
    Kind("Accuracy", "percent of the validation texts", validation="accuracy"),
    Kind("Gradient norm", "before clipping, mean of the steps since", "gradient_norm", logarithmic=True),
    Kind("Learning rate", "at the step", "learning_rate", logarithmic=False, smoothed=False),
    Kind("Target tokens per second", "without validations", "tokens_per_s"),
)
"""The charts, in order; further figures of validations follow them."""


def charts(records: Sequence[Record]) -> list[Chart]:
    """Every chart for which there is a point, in the order they are read in."""
    found = [chart for kind in KINDS for chart in [_chart(kind, records)] if chart.curves]
    known = {kind.validation for kind in KINDS}
    others = dict.fromkeys(name for record in records for line in record.validated for name in _figures(line))
    for name in others:
        if name.partition("/")[0] not in known:
            curves = [curve for run, record in enumerate(records) for curve in _validation(run, record, name)]
            found.append(Chart(name.replace("_", " ").capitalize(), "at validations", curves))
    return found + _part_charts(records)


def thinned(values: Sequence[float], most: int) -> list[int]:
    """Places of at most `most` (from 4) of the values, in order: the first, the last, and in between the smallest and
    the largest of each of equal stretches, so that no peak is lost."""
    count = len(values)
    if count <= most:
        return list(range(count))
    stretches = (most - 2) // 2
    places = {0, count - 1}
    for stretch in range(stretches):
        first = 1 + stretch * (count - 2) // stretches
        last = 1 + (stretch + 1) * (count - 2) // stretches
        places |= {min(range(first, last), key=values.__getitem__), max(range(first, last), key=values.__getitem__)}
    return sorted(places)


def _chart(kind: Kind, records: Sequence[Record]) -> Chart:
    curves: list[Curve] = []
    for run, record in enumerate(records):
        if kind.key:
            name, faint = ("training", True) if kind.validation else ("", False)
            curves += _training(run, record, name, _field(kind.key), kind.smoothed, faint)
        if kind.validation:
            names = _named(kind.validation, record)
            curves += [curve for name in names for curve in _validation(run, record, name)]
    return Chart(kind.title, kind.about, curves, kind.logarithmic)


def _named(key: str, record: Record) -> list[str]:
    """The key's own figure, or in its place those by direction; both where there are several directions."""
    names = dict.fromkeys(name for line in record.validated for name in _figures(line))
    parts = [name for name in names if name.startswith(f"{key}/")]
    return [*parts, *([key] if key in names and len(parts) != 1 else [])]


def _figures(line: Line) -> Iterator[str]:
    """Names of the figures of a validation; `bleu/en-de` is that of a direction."""
    for name, value in line.items():
        if name not in COUNTS and number(value) is not None:
            yield name
        if name.endswith("_by_direction") and isinstance(value, Mapping):
            yield from (f"{name.removesuffix('_by_direction')}/{key}" for key in value)


def _figure(line: Line, name: str) -> object:
    key, _, direction = name.partition("/")
    table = line.get(f"{key}_by_direction") if direction else line
    return table.get(direction or key) if isinstance(table, Mapping) else None


def _validation(run: int, record: Record, name: str) -> Iterator[Curve]:
    key, _, direction = name.partition("/")
    shown = direction or {"nll": "validation", "bleu": "mean", "chrf": "mean"}.get(key, "")
    for curve in _curve(shown, run, record.validated, lambda line: _figure(line, name), MOST_POINTS):
        yield replace(curve, dotted=True)


def _training(
    run: int,
    record: Record,
    name: str,
    value: Callable[[Line], object],
    smoothed: bool = True,
    faint: bool = False,
    most: int = MOST_POINTS,
) -> Iterator[Curve]:
    for curve in _curve(name, run, record.trained, value, most):
        yield replace(curve, smoothed=smoothed, faint=faint)


def _curve(name: str, run: int, lines: Sequence[Line], value: Callable[[Line], object], most: int) -> Iterator[Curve]:
    """The curve, or none where no line has a number to it."""
    points = [(line, found) for line in lines if (found := number(value(line))) is not None]
    if points:
        kept = [points[place] for place in thinned([found for _, found in points], most)]
        steps = [int(line["step"]) for line, _ in kept]
        tokens = [int(number(line.get("target_tokens")) or 0) for line, _ in kept]
        yield Curve(name, run, steps, tokens, [_rounded(found) for _, found in kept])


def _rounded(value: float) -> float:
    """To DIGITS digits; `value` itself where that is no longer a number."""
    rounded = float(f"{value:.{DIGITS}g}")
    return rounded if math.isfinite(rounded) else value


def _part_charts(records: Sequence[Record]) -> list[Chart]:
    """Of one run, a chart with a curve for each part of the model; of several, a chart for each part."""
    parts = dict.fromkeys(part for record in records for line in record.trained for part in _parts(line))
    most = max(MOST_POINTS // max(len(parts), 1), FEWEST_POINTS)
    title, about = "Gradient norm by part of the model", "before clipping, at the step"
    if len(records) == 1:
        curves = [curve for part in parts for curve in _training(0, records[0], part, _norm(part), most=most)]
        return [Chart(title, about, curves, True)] if curves else []
    drawn = []
    for part in parts:
        found = [_training(run, record, "", _norm(part), most=most) for run, record in enumerate(records)]
        drawn.append(Chart(part, about, [curve for curves in found for curve in curves], True, title))
    return [chart for chart in drawn if chart.curves]


def _field(key: str) -> Callable[[Line], object]:
    return lambda line: line.get(key)


def _norm(part: str) -> Callable[[Line], object]:
    return lambda line: _parts(line).get(part)


def _parts(line: Line) -> Mapping[str, Any]:
    found = line.get(PARTS)
    return found if isinstance(found, Mapping) else {}
