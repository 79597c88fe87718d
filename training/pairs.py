"""Pairs of lines of two languages as one sequence, whatever shards they lie in."""

# K pairs that are asked for

import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.shard import Numbers, Shard

Indices = NDArray[np.int64]
RELEASE_AFTER = 1 << 18


class Pairs:
    """Pairs of pieces, by number, as many as all the shards have. `checksum` stands for what is in them.

    However many are read, no more of mapped files stays in memory than what some RELEASE_AFTER of them lie in.
    """

    def __init__(self, shards: Sequence[Shard], checksums: Sequence[int]) -> None:
        self._shards, self.checksum = shards, zlib.crc32(repr(list(checksums)).encode())
        self._read = 0
        self._ends = np.cumsum([len(shard) for shard in shards], dtype=np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def lengths(self, numbers: Indices) -> NDArray[np.int64]:
        """Pieces of the first and of the second side of each (K, 2)."""
        lengths_K2 = np.empty((len(numbers), 2), np.int64)
        for shard, places, rows in self._located(numbers):
            lengths_K2[places] = shard.lengths[rows]
        return lengths_K2

    def line_numbers(self, numbers: Indices) -> NDArray[np.int64]:
        """The lines that they were read from, counted from 1 (K)."""
        found_K = np.empty(len(numbers), np.int64)
        for shard, places, rows in self._located(numbers):
            found_K[places] = shard.line_numbers[rows]
        return found_K

    def pieces(self, numbers: Indices) -> list[tuple[Numbers, Numbers]]:
        """The ids of both sides of each; views that are not to be written to."""
        found: list[tuple[Numbers, Numbers]] = [_NOTHING] * len(numbers)
        for shard, places, rows in self._located(numbers):
            ids, starts, lengths = shard.ids, shard.starts[rows].tolist(), shard.lengths[rows].tolist()
            for place, start, (first, second) in zip(places.tolist(), starts, lengths, strict=True):
                middle = start + first
                found[place] = ids[start:middle], ids[middle : middle + second]
        return found

    def _located(self, numbers: Indices) -> Iterator[tuple[Shard, NDArray[np.intp], Indices]]:
        """For each shard that has any of them: where in `numbers` they stand, and their rows in the shard."""
        for index, places in grouped(np.searchsorted(self._ends, numbers, side="right")):
            shard = self._shards[index]
            yield shard, places, numbers[places] - (int(self._ends[index]) - len(shard))
        self._read += len(numbers)
        if self._read >= RELEASE_AFTER:
            self._read = 0
            for shard in self._shards:
                shard.release()


def grouped(groups: NDArray[np.integer[Any]]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Each number of `groups` that there is, and where it stands."""
    found, counts = np.unique(groups, return_counts=True)
    if len(found) == 1:
        yield int(found[0]), np.arange(len(groups))
    elif len(found):
        order = np.argsort(groups, kind="stable")
        yield from zip(found.tolist(), np.split(order, np.cumsum(counts[:-1])), strict=True)


_NOTHING: tuple[Numbers, Numbers] = (np.empty(0, np.int64), np.empty(0, np.int64))
