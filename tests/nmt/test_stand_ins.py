"""Stand-ins are such as fit their place."""

import pytest

from nmt.stand_ins import StandIn, StandIns

TOM, BOSTON, SEVEN = (StandIn(text, token) for token, text in enumerate(("Tom", "Boston", "7"), start=9))
STAND_INS = StandIns((TOM,), (BOSTON,), (SEVEN,))


@pytest.mark.parametrize(
    ("protected", "before", "chosen"),
    [
        ("{user}", "I saw ", TOM),
        ("Brumsdorf", "I live in ", BOSTON),
        ("Brumsdorf", "We went to ", BOSTON),
        ("Brumsdorf", "I wrote to ", TOM),
        ("Brumsdorf", "J'habite à ", BOSTON),
        ("%d", "in ", SEVEN),
    ],
)
def test_persons_places_and_numbers(protected: str, before: str, chosen: StandIn) -> None:
    assert STAND_INS.choose(protected, before, []) == chosen


def test_what_is_taken_or_in_the_text_is_not_chosen() -> None:
    assert STAND_INS.choose("{user}", "", [TOM]) == BOSTON
    assert STAND_INS.not_in("tom sees").choose("{user}", "", []) == BOSTON
    assert STAND_INS.choose("{user}", "", [TOM, BOSTON, SEVEN]) is None
