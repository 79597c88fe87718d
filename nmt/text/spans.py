"""Half-open spans of a text, in order and disjoint."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

Spans = Sequence[tuple[int, int]]


def disjoint(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What any of `spans` covers, in order; those that overlap become one."""
    covered: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if covered and start < covered[-1][1]:
            covered[-1] = (covered[-1][0], max(end, covered[-1][1]))
        else:
            covered.append((start, end))
    return covered


def touches(spans: Spans, start: int, end: int) -> bool:
    """Whether one of `spans`, in order and disjoint, has a character of `start` up to before `end`."""
    index = bisect_left(spans, end, key=lambda span: span[0])
    return index > 0 and spans[index - 1][1] > start
