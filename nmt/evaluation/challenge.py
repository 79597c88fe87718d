"""A challenge: cases put to a translator, and how many of each category it passes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.evaluation.cases import Case
from nmt.translation import Translation

_DEFAULTS = SearchOptions()


class CaseTranslator(Protocol):
    """What can take a challenge: `nmt.Translator`, and what behaves like it."""

    @property
    def directions(self) -> Sequence[Direction]: ...

    def translate_lines(
        self, lines: Iterable[str], *, source: str, target: str, options: SearchOptions
    ) -> Iterator[Translation]: ...


@dataclass(frozen=True)
class Verdict:
    """A case, what came out with which warnings, and what is wrong with that; nothing where it is passed."""

    case: Case
    answer: str
    warnings: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class PassRate:
    """How many cases were passed, of how many that were asked."""

    passed: int
    asked: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.passed / self.asked


@dataclass(frozen=True)
class ChallengeResult:
    """Verdicts in the order of the cases; `skipped` cases are of directions that the translator doesn't serve."""

    verdicts: tuple[Verdict, ...]
    skipped: int

    def by_category(self) -> dict[str, PassRate]:
        """The pass rate of each category that was asked, in the order of the cases."""
        return _rates((verdict.case.category, not verdict.faults) for verdict in self.verdicts)

    def by_direction(self) -> dict[str, dict[str, PassRate]]:
        """`en-de` -> the pass rate of each of its categories."""
        rates: dict[str, dict[str, PassRate]] = {}
        for direction in dict.fromkeys(verdict.case.direction for verdict in self.verdicts):
            chosen = [verdict for verdict in self.verdicts if verdict.case.direction == direction]
            rates[str(direction)] = ChallengeResult(tuple(chosen), 0).by_category()
        return rates

    def total(self) -> PassRate:
        """Over all categories."""
        return PassRate(sum(not verdict.faults for verdict in self.verdicts), len(self.verdicts))


def take(translator: CaseTranslator, cases: Sequence[Case], options: SearchOptions = _DEFAULTS) -> Iterator[Verdict]:
    """A verdict for each case whose direction `translator` serves, one direction after the other, as they are found."""
    by_direction: dict[Direction, list[Case]] = {}
    for case in served(translator, cases):
        by_direction.setdefault(case.direction, []).append(case)
    for direction, chosen in by_direction.items():
        texts = (case.text for case in chosen)
        found = translator.translate_lines(texts, source=direction.source, target=direction.target, options=options)
        for case, translation in zip(chosen, found, strict=True):
            warnings = tuple(dict.fromkeys(one for segment in translation.segments for one in segment.warnings))
            yield Verdict(case, translation.text, warnings, case.faults(translation.text, warnings))


def served(translator: CaseTranslator, cases: Iterable[Case]) -> list[Case]:
    """The cases whose direction `translator` serves."""
    return [case for case in cases if case.direction in translator.directions]


def result(cases: Sequence[Case], verdicts: Iterable[Verdict]) -> ChallengeResult:
    """The verdicts of `take`, put in the order of `cases`."""
    place_of = {id(case): place for place, case in enumerate(cases)}
    in_order = tuple(sorted(verdicts, key=lambda verdict: place_of[id(verdict.case)]))
    return ChallengeResult(in_order, len(cases) - len(in_order))


def _rates(outcomes: Iterable[tuple[str, bool]]) -> dict[str, PassRate]:
    asked: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    for category, is_passed in outcomes:
        asked[category] += 1
        passed[category] += is_passed
    return {category: PassRate(passed[category], count) for category, count in asked.items()}
