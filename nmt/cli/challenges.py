"""How models did on a challenge, as tables for people and as a record for scripts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nmt.cli.tables import drawn, new_table
from nmt.evaluation.challenge import ChallengeResult, PassRate, Verdict
from nmt.records import Record


@dataclass(frozen=True)
class ChallengeReport:
    """What each model, by name, passed of the cases in `files`."""

    files: tuple[Path, ...]
    results: Mapping[str, ChallengeResult]

    def tables(self) -> Iterator[str]:
        """Pass rates of categories and directions, then every case that failed and what came out."""
        results = self.results
        by_direction = {
            name: {direction: _sum(rates) for direction, rates in found.by_direction().items()}
            for name, found in results.items()
        }
        yield from _rates("challenge: cases passed", {name: found.by_category() for name, found in results.items()})
        yield from _rates("challenge: by direction", by_direction)
        for name, found in results.items():
            total = found.total()
            skipped = f"; {found.skipped} skipped: the model doesn't serve their directions" if found.skipped else ""
            yield f"{name}: {total.passed} of {total.asked} cases passed{skipped}"
        for name, found in results.items():
            failed = [verdict for verdict in found.verdicts if verdict.faults]
            if failed:
                yield ""
                yield f"{name} failed in"
            for verdict in failed:
                yield from _failure(verdict)

    def record(self) -> Record:
        """What the tables say, and which cases were passed."""
        return {
            "files": [str(path) for path in self.files],
            "systems": [_system_record(name, found) for name, found in self.results.items()],
        }


def _rates(title: str, rates_of: Mapping[str, Mapping[str, PassRate]]) -> Iterator[str]:
    """A row for each key that any system has a rate of, a column for each system."""
    table = new_table(title)
    table.add_column("")
    for name in rates_of:
        table.add_column(name, justify="right", overflow="fold")
    for key in dict.fromkeys(key for rates in rates_of.values() for key in rates):
        table.add_row(key, *(_cell(rates[key]) if key in rates else "" for rates in rates_of.values()))
    yield from drawn(table)


def _cell(rate: PassRate) -> str:
    return f"{rate.passed} of {rate.asked} {100 * rate.share:4.0f} %"


def _failure(verdict: Verdict) -> Iterator[str]:
    case = verdict.case
    yield f"  {case.category}, {case.direction}: {case.text}   ({case.place})"
    yield f"      → {verdict.answer}"
    yield f"      {'; '.join(verdict.faults)}"


def _system_record(name: str, found: ChallengeResult) -> Record:
    return {
        "name": name,
        **_rate_record(found.total()),
        "skipped": found.skipped,
        "categories": [{"category": key, **_rate_record(rate)} for key, rate in found.by_category().items()],
        "directions": [
            {
                "direction": direction,
                **_rate_record(_sum(rates)),
                "categories": [{"category": key, **_rate_record(rate)} for key, rate in rates.items()],
            }
            for direction, rates in found.by_direction().items()
        ],
        "cases": [_verdict_record(verdict) for verdict in found.verdicts],
    }


def _verdict_record(verdict: Verdict) -> Record:
    case = verdict.case
    return {
        "category": case.category,
        "direction": str(case.direction),
        "place": case.place,
        "text": case.text,
        "answer": verdict.answer,
        "warnings": list(verdict.warnings),
        "passed": not verdict.faults,
        "faults": list(verdict.faults),
        "comment": case.comment or None,
    }


def _rate_record(rate: PassRate) -> Record:
    return {"passed": rate.passed, "asked": rate.asked}


def _sum(rates: Mapping[str, PassRate]) -> PassRate:
    return PassRate(sum(rate.passed for rate in rates.values()), sum(rate.asked for rate in rates.values()))
