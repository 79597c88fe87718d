"""Ranges of whole numbers that results are grouped by."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """The whole numbers from `first` to `last`, both included; `last` None: and all above."""

    first: int
    last: int | None

    def __contains__(self, number: int) -> bool:
        return self.first <= number and (self.last is None or number <= self.last)

    def __str__(self) -> str:
        """`7`, `1-5`, `31+`."""
        if self.last is None:
            return f"{self.first}+"
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def bands_from(starts: Sequence[int]) -> tuple[Band, ...]:
    """Bands that begin at each of `starts`, which ascend, and end before the next; the last one has no end."""
    ends: list[int | None] = [start - 1 for start in starts[1:]]
    return tuple(Band(first, last) for first, last in zip(starts, [*ends, None], strict=True))
