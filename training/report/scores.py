"""How good each run became, and what it took."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from training.report.options import options
from training.report.record import Line, Record, number

MINUTE, HOUR = 60, 3600
COUNTS = ("step", "target_tokens")
NAMES = {"bleu": "BLEU", "chrf": "chrF", "accuracy": "Accuracy", "nll": "nll", "temperature": "Temperature"}
LOWER_IS_BETTER = ("nll",)
VALIDATED_ON = ("data.folder", "data.validation", "data.directions", "validation.max_sentences")
OF_LEARNING = ("data.temper", "data.tokenizer", "data.split_pieces", "data.rare_words")
"""What of a classifier's [data] its validation does not depend on."""
HELD_OUT_BY = ("data.train", "data.held_out", "data.held_out_most")
"""Nor on these, where it has files of its own to be validated on."""


@dataclass(frozen=True)
class Measure:
    """One figure of the best validation, for each run; None where a run has none.

    `winner` is the best of several runs that were validated on the same text.
    """

    name: str
    values: tuple[float | None, ...]
    winner: int | None = None

    def text(self, run: int) -> str:
        value = self.values[run]
        if value is None:
            return "–"
        return f"{value:.3f}" if self.name.startswith(("nll", "Temperature")) else f"{value:.2f}"


def measures(records: Sequence[Record]) -> list[Measure]:
    """The figures of the best validations, BLEU or accuracy first."""
    tables = [dict(_figures(record.best)) if record.best else {} for record in records]
    names = dict.fromkeys(name for table in tables for name in table)
    parts = [name for name in names if " " in name]
    shown = [name for name in sorted(names, key=_rank) if name not in parts or len(parts) > 1]
    differ, spelt = bool(differently_validated(records)), bool(differently_spelt(records))
    return [
        _measure(name, [table.get(name) for table in tables], not differ and not (spelt and name.startswith("nll")))
        for name in shown
    ]


def differently_validated(records: Sequence[Record]) -> list[str]:
    """The options that differ of those that say which text the runs are validated on.

    Classifiers are validated on texts that are cut and written as those that are learnt from, at random.
    """
    differing = _differing(records)
    if not _has_classifiers(records):
        return [key for key in differing if key in VALIDATED_ON]
    of_no_effect = OF_LEARNING + HELD_OUT_BY if all(map(_has_files, records)) else OF_LEARNING
    return [key for key in differing if key.startswith(("data.", "training.seed")) and key not in of_no_effect]


def differently_spelt(records: Sequence[Record]) -> list[str]:
    """What differs of what says which pieces the nll is over: the vocabulary, and how long a text may be."""
    if _has_classifiers(records):
        return []
    others = len({record.vocabulary for record in records}) > 1
    return ["the vocabulary"] * others + [key for key in _differing(records) if key == "data.max_length"]


def training_seconds(record: Record) -> float | None:
    """The time of the steps that were logged, from their speeds; validations not counted. None where there are none."""
    seconds, before, known = 0.0, 0.0, False
    for line in record.trained:
        tokens, speed = number(line.get("target_tokens")), number(line.get("tokens_per_s"))
        if tokens is not None and speed:
            seconds, known = seconds + max(tokens - before, 0.0) / speed, True
            before = tokens
    return seconds if known else None


def in_words(seconds: float) -> str:
    """A length of time: 52 s, 14 min, 3 h 05 min."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    hours, minutes = divmod(round(seconds / MINUTE), 60)
    return f"{hours} h {minutes:02d} min"


def last_tokens(record: Record) -> int:
    """Target tokens that were trained on, as far as is logged."""
    return int(max((number(line.get("target_tokens")) or 0 for line in record.latest), default=0))


def _differing(records: Sequence[Record]) -> list[str]:
    return [row.key for row in options(records) if row.differs]


def _has_files(record: Record) -> bool:
    """Whether it names what it is validated on."""
    data = record.config.get("data")
    return isinstance(data, Mapping) and bool(data.get("validation"))


def _has_classifiers(records: Sequence[Record]) -> bool:
    return any(record.config.get("task") == "classification" for record in records)


def _measure(name: str, values: Sequence[float | None], alike: bool) -> Measure:
    known = [value for value in values if value is not None]
    if not alike or len(known) < 2 or min(known) == max(known) or name == "Temperature":
        return Measure(name, tuple(values))
    best = min(known) if name in LOWER_IS_BETTER else max(known)
    return Measure(name, tuple(values), list(values).index(best))


def _figures(line: Line) -> Iterator[tuple[str, float]]:
    for key, value in line.items():
        found = number(value)
        if key not in COUNTS and found is not None:
            yield NAMES.get(key, key), found
        elif key.endswith("_by_direction") and isinstance(value, Mapping):
            kind = key.removesuffix("_by_direction")
            yield from (
                (f"{NAMES.get(kind, kind)} {name}", found)
                for name, part in value.items()
                if (found := number(part)) is not None
            )


def _rank(name: str) -> int:
    """BLEU or accuracy, its parts, then the rest."""
    return 0 if name in ("BLEU", "Accuracy") else 1 if name.startswith("BLEU ") else 2
