"""Results by sentence length and by how rare words are, as tables for people and as records for scripts."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from nmt.cli.tables import drawn, new_table
from nmt.evaluation.bands import Band
from nmt.evaluation.frequencies import FrequencyResult, WordScores
from nmt.evaluation.lengths import LengthResult
from nmt.records import Record


def length_table(name: str, results: Sequence[LengthResult]) -> Iterator[str]:
    """A row for each band and system."""
    table = new_table(f"{name}, by words of the source sentence")
    for column in ("words", "sentences", "system", "BLEU ↑", "chrF2 ↑", "length ratio"):
        table.add_column(column, justify="left" if column == "system" else "right", overflow="fold")
    for result in results:
        begun = (str(result.words), str(result.sentences))
        for system, found in result.scores.items():
            ratio = "" if found.length_ratio is None else f"{found.length_ratio:.3f}"
            table.add_row(*begun, system, f"{found.bleu:.2f}", f"{found.chrf:.2f}", ratio)
            begun = ("", "")
    yield from drawn(table)


def frequency_table(name: str, results: Sequence[FrequencyResult]) -> Iterator[str]:
    """A row for each band and system; shares are in per cent."""
    table = new_table(f"{name}, by how often the training text has a target word")
    for column in ("occurrences", "in references", "system", "precision ↑", "recall ↑", "F1 ↑"):
        table.add_column(column, justify="left" if column == "system" else "right", overflow="fold")
    for result in results:
        first = str(result.occurrences)
        for system, found in result.scores.items():
            shares = [_per_cent(share) for share in (found.precision, found.recall, found.f1)]
            table.add_row(first, str(found.in_references) if first else "", system, *shares)
            first = ""
    yield from drawn(table)


def length_records(results: Sequence[LengthResult]) -> list[Record]:
    """One record for each band."""
    return [
        {
            "words": _band(result.words),
            "sentences": result.sentences,
            "systems": [{"name": name, **asdict(found)} for name, found in result.scores.items()],
        }
        for result in results
    ]


def frequency_records(results: Sequence[FrequencyResult]) -> list[Record]:
    """One record for each band; shares are from 0 to 1, null where there is nothing to share."""
    return [
        {
            "occurrences": _band(result.occurrences),
            "systems": [{"name": name, **_word_record(found)} for name, found in result.scores.items()],
        }
        for result in results
    ]


def _word_record(found: WordScores) -> Record:
    return {**asdict(found), "precision": found.precision, "recall": found.recall, "f1": found.f1}


def _band(band: Band) -> Record:
    return {"name": str(band), "first": band.first, "last": band.last}


def _per_cent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"
