"""The held-out sentences that a run translates at each validation, and how their translations went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from training.report.record import Line, Record, number

MOST_VERSIONS = 40
LARGEST_SIDE = 200


class Sentence(NamedTuple):
    """What is translated; `direction` and `reference` may be empty."""

    direction: str
    source: str
    reference: str


@dataclass(frozen=True)
class Attention:
    """Weights [target word][source word] within [0, 1]."""

    source: Sequence[str]
    target: Sequence[str]
    weights: Sequence[Sequence[float]]


@dataclass(frozen=True)
class Version:
    """A translation, the same from validation `first_step` to validation `last_step`."""

    text: str
    first_step: int
    last_step: int
    is_best: bool = False


@dataclass(frozen=True)
class History:
    """The translations of one sentence over a run, the same ones in a row as one version.

    `left_out` counts versions that are not here, since there were too many. `best` and `last` are the attention at the
    best and at the last validation, by segment, empty where it was not logged; they may be one and the same.
    """

    sentence: Sentence
    versions: tuple[Version, ...]
    left_out: int
    best_text: str | None
    best: tuple[Attention, ...] = ()
    last: tuple[Attention, ...] = ()
    best_is_last: bool = False


@dataclass
class _Growing:
    versions: list[Version] = field(default_factory=list)
    best_text: str | None = None
    best: tuple[Attention, ...] = ()
    last: tuple[Attention, ...] = ()


def histories(record: Record) -> list[History]:
    """One for each sentence, in the order of the log."""
    growing: dict[Sentence, _Growing] = {}
    best, final = record.best, record.validated[-1] if record.validated else None
    for line in record.validated:
        for sentence, sample in _samples(line):
            one = growing.setdefault(sentence, _Growing())
            _extend(one.versions, sample["translation"], int(line["step"]), line is best)
            if line is best:
                one.best_text = sample["translation"]
                one.best = _attention(sample)
            if line is final:
                one.last = _attention(sample)
    return [_history(sentence, one, best is final) for sentence, one in growing.items()]


def _history(sentence: Sentence, one: _Growing, best_is_last: bool) -> History:
    kept = _spread(one.versions)
    left_out = len(one.versions) - len(kept)
    return History(sentence, tuple(kept), left_out, one.best_text, one.best, one.last, best_is_last)


def _extend(versions: list[Version], text: str, step: int, is_best: bool) -> None:
    if versions and versions[-1].text == text:
        same = versions.pop()
        versions.append(Version(text, same.first_step, step, same.is_best or is_best))
    else:
        versions.append(Version(text, step, step, is_best))


def _spread(versions: list[Version]) -> list[Version]:
    """At most MOST_VERSIONS and the best one, from the first to the last."""
    count = len(versions)
    if count <= MOST_VERSIONS:
        return versions
    places = {place * (count - 1) // (MOST_VERSIONS - 1) for place in range(MOST_VERSIONS)}
    return [version for place, version in enumerate(versions) if place in places or version.is_best]


def _samples(line: Line) -> Iterator[tuple[Sentence, Mapping[str, Any]]]:
    """Those of one validation. Where they don't name their direction, they stand in the order of the directions."""
    found = line.get("samples")
    samples = [sample for sample in found if _is_sample(sample)] if isinstance(found, list) else []
    table = line.get("bleu_by_direction")
    directions = list(table) if isinstance(table, Mapping) else []
    fits = directions and len(samples) % len(directions) == 0
    for place, sample in enumerate(samples):
        guessed = directions[place * len(directions) // len(samples)] if fits else ""
        named = sample.get("direction")
        reference = sample.get("reference")
        yield (
            Sentence(
                named if isinstance(named, str) else guessed,
                sample["source"],
                reference if isinstance(reference, str) else "",
            ),
            sample,
        )


def _is_sample(sample: object) -> bool:
    return isinstance(sample, dict) and all(isinstance(sample.get(key), str) for key in ("source", "translation"))


def _attention(sample: Mapping[str, Any]) -> tuple[Attention, ...]:
    """What is well-formed of the sample's attention."""
    segments = sample.get("attention")
    found = map(_matrix, segments) if isinstance(segments, list) else ()
    return tuple(matrix for matrix in found if matrix is not None)


def _matrix(segment: object) -> Attention | None:
    if not isinstance(segment, dict):
        return None
    source, target, weights = _words(segment.get("source")), _words(segment.get("target")), segment.get("weights")
    if not source or not target or not isinstance(weights, list) or len(weights) != len(target):
        return None
    if not all(isinstance(row, list) and len(row) == len(source) and all(map(_is_weight, row)) for row in weights):
        return None
    return Attention(source, target, weights)


def _is_weight(value: object) -> bool:
    weight = number(value)
    return weight is not None and 0 <= weight <= 1


def _words(words: object) -> list[str]:
    """The words, none where they are not at most LARGEST_SIDE texts."""
    if not isinstance(words, list) or len(words) > LARGEST_SIDE:
        return []
    return words if all(isinstance(word, str) for word in words) else []
