"""A corpus in random order, again and again, without holding that order."""

import numpy as np
from numpy.typing import NDArray

BLOCK = 4096
_PURPOSE = 0x73747265616D  # keeps these random numbers apart from others of the same seed


class ShuffledStream:
    """The numbers below `size`, endlessly: each of them once in every `size` that follow each other, epoch by epoch.

    The order is a function of (seed, stream, epoch): blocks of neighbours come in random order, and within each block
    its numbers do. So what stands at a place is found without the places before it, and nothing of `size` is held but
    one number for each block of 4,096; what is read from a file together lies together.
    """

    def __init__(self, size: int, *, seed: int, stream: int) -> None:
        assert size > 0
        self.size, self._key = size, (_PURPOSE, seed, stream)
        self._blocks = -(-size // BLOCK)

    def take(self, first: int, end: int) -> NDArray[np.int64]:
        """What stands at the places from `first` up to, not including, `end`."""
        parts = [np.empty(0, np.int64)]
        while first < end:
            epoch, place = divmod(first, self.size)
            count = min(end - first, self.size - place)
            parts.append(self._part(epoch, place, place + count))
            first += count
        return np.concatenate(parts)

    def _part(self, epoch: int, first: int, end: int) -> NDArray[np.int64]:
        """Places `first` to `end` of one epoch."""
        order = self._shuffled(self._blocks, epoch)
        sizes = np.full(self._blocks, BLOCK)
        sizes[order == self._blocks - 1] = self.size - (self._blocks - 1) * BLOCK
        ends = np.cumsum(sizes)
        parts = []
        for turn in range(*np.searchsorted(ends, [first, end - 1], side="right") + [0, 1]):
            block, begin = int(order[turn]), int(ends[turn] - sizes[turn])
            within = self._shuffled(int(sizes[turn]), epoch, block + 1)
            parts.append(block * BLOCK + within[max(first - begin, 0) : end - begin])
        return np.concatenate(parts)

    def _shuffled(self, count: int, epoch: int, block: int = 0) -> NDArray[np.int64]:
        """A random order of `count`; block 0 is that of the blocks themselves."""
        random = np.random.PCG64([*self._key, epoch, block]).random_raw(count)
        return np.argsort(random, kind="stable")
