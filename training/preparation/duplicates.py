"""Which pairs came before: by 64-bit hashes in one flat table."""

# N numbers that come together

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from nmt.direction import Direction
from training.encoding import Pair, bare

Hashes = NDArray[np.uint64]
_SMALLEST = 1 << 16


def hash_pairs(languages: tuple[str, str], directions: Sequence[Direction], pairs: Sequence[Pair]) -> Hashes:
    """One number for each pair: the same for the same texts, white space at their edges aside, languages, and
    directions that the corpus is limited to (none: not limited).

    Of n different pairs, two have the same number with a probability of about n^2 / 2^65: 0.03 % for 100 million.
    """
    start = "\0".join([*languages, *sorted(map(str, directions))])
    texts = (f"{start}\0{first}\0{second}" for first, second in map(bare, pairs))
    digests = b"".join(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, np.uint64)


class SeenHashes:
    """The first `most` different hashes that were added: 16 to 32 bytes each, in an open-addressing table."""

    def __init__(self, most: int) -> None:
        self.most, self.count = most, 0
        self._table = np.zeros(_SMALLEST, np.uint64)

    def add(self, hashes_N: Hashes) -> NDArray[np.bool_]:
        """True where a hash was neither remembered before nor stands earlier in `hashes_N`; these are now remembered,
        as far as there is room."""
        unique, firsts = np.unique(np.maximum(hashes_N, np.uint64(1)), return_index=True)  # 0 is an empty place
        fresh = self._missing(unique)
        is_new_N = np.zeros(len(hashes_N), np.bool_)
        is_new_N[firsts[fresh]] = True
        in_order = unique[fresh][np.argsort(firsts[fresh])]
        self._insert(in_order[: self.most - self.count])
        return is_new_N

    def _missing(self, keys: Hashes) -> NDArray[np.bool_]:
        """Whether each of these is not in the table."""
        missing = np.zeros(len(keys), np.bool_)
        waiting, slots = np.arange(len(keys)), self._slots(keys)
        while len(waiting):
            found = self._table[slots]
            missing[waiting[found == 0]] = True
            further = (found != 0) & (found != keys[waiting])
            waiting, slots = waiting[further], self._next(slots[further])
        return missing

    def _insert(self, keys: Hashes) -> None:
        """Put in keys that differ and are not there yet."""
        if 2 * (self.count + len(keys)) > len(self._table):
            everything = np.concatenate([self._table[self._table != 0], keys])
            self._table = np.zeros(max(_SMALLEST, 1 << (2 * len(everything) - 1).bit_length()), np.uint64)
            self.count, keys = 0, everything
        self.count += len(keys)
        slots = self._slots(keys)
        while len(keys):
            free = self._table[slots] == 0
            self._table[slots[free]] = keys[free]
            further = self._table[slots] != keys
            keys, slots = keys[further], self._next(slots[further])

    def _slots(self, keys: Hashes) -> NDArray[np.int64]:
        return (keys & np.uint64(len(self._table) - 1)).astype(np.int64)

    def _next(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        return (slots + 1) & (len(self._table) - 1)
