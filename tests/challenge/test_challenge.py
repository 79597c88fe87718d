"""The bundled model passes as many of the hand-written cases as it did when these floors were written down.

After a change that makes it better, print them anew: `python tests/challenge/test_challenge.py`.
"""

import json
import re
from pathlib import Path

import pytest

from nmt.config import SearchOptions
from nmt.evaluation.case_files import read_cases
from nmt.evaluation.cases import Case
from nmt.evaluation.challenge import ChallengeResult, result, take
from nmt.translator import Translator

HERE = Path(__file__).parent
FLOORS_FILE = HERE / "floors.json"
FLOORS: dict[str, dict[str, int]] = json.loads(FLOORS_FILE.read_text(encoding="utf-8"))
CASES = read_cases(HERE)
GREEDY = SearchOptions(beam_size=1)
ROUNDING = 1
"""How many cases of a category may tip over where a processor rounds otherwise than the one that wrote the floors."""


def taken(translator: Translator) -> ChallengeResult:
    return result(CASES, take(translator, CASES, GREEDY))


@pytest.fixture(scope="module")
def passed(bundled: Translator) -> dict[str, dict[str, int]]:
    """Direction -> category -> cases that the bundled model passes."""
    rates = taken(bundled).by_direction()
    return {name: {key: rate.passed for key, rate in found.items()} for name, found in rates.items()}


@pytest.mark.parametrize(
    ("direction", "category"), [(direction, category) for direction in FLOORS for category in FLOORS[direction]]
)
def test_a_category_is_as_good_as_it_was(passed, direction: str, category: str) -> None:
    assert passed[direction][category] >= FLOORS[direction][category] - ROUNDING


def test_every_direction_that_is_served_has_floors(bundled: Translator) -> None:
    asked = {str(case.direction) for case in CASES if case.direction in bundled.directions}
    assert asked == set(FLOORS)


def test_every_category_is_asked_in_both_directions_of_english_and_german() -> None:
    assert set(FLOORS["en-de"]) == set(FLOORS["de-en"]) == {case.category for case in CASES}


def test_no_text_is_asked_twice() -> None:
    asked = [(case.category, case.direction, case.text) for case in CASES]
    assert sorted(set(asked), key=str) == sorted(asked, key=str)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.contains], ids=lambda case: f"{case.place}, {case.text}"
)
def test_what_an_answer_has_to_contain_is_in_the_text(case: Case) -> None:
    kept = [text for text in case.contains if not re.search(re.escape(text), case.text)]
    assert not kept


def main() -> None:
    """Write down what the bundled model passes now."""
    rates = taken(Translator.load()).by_direction()
    floors = {name: {key: rate.passed for key, rate in found.items()} for name, found in sorted(rates.items())}
    FLOORS_FILE.write_text(json.dumps(floors, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
