"""Spans in order."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nmt.text.spans import disjoint, touches

SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 6)).map(lambda one: (one[0], one[0] + one[1])), max_size=8
)


@given(SPANS)
def test_the_same_characters_are_covered_in_order(spans: list[tuple[int, int]]) -> None:
    covered = disjoint(spans)
    assert {place for span in covered for place in range(*span)} == {place for span in spans for place in range(*span)}
    assert all(one[1] <= other[0] for one, other in pairwise(covered))


@given(SPANS, st.integers(0, 30), st.integers(1, 6))
def test_what_is_touched_shares_a_character(spans: list[tuple[int, int]], start: int, length: int) -> None:
    shares = any(start < end and first < start + length for first, end in spans)
    assert touches(disjoint(spans), start, start + length) == shares
