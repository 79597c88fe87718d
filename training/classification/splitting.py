"""Pieces broken into smaller ones, at random, so that a model also learns to read words that it has no piece for."""

# V vocabulary, N pieces

import numpy as np
from numpy.typing import NDArray

from nmt.identification.text import TextReader

ROUNDS = 3
Ids = NDArray[np.int64]


class PieceSplitter:
    """Breaks each piece in two with probability `rate`, and what came of it again, ROUNDS times.

    The two are other pieces of the vocabulary; of several ways, the one whose rarer half is the most frequent is taken
    (as by BPE-dropout, Provilkov et al., 2020). Single characters and bytes stay whole.
    """

    def __init__(self, tokenizer: TextReader, rate: float) -> None:
        self.rate = rate
        self._left_V, self._right_V = _halves(tokenizer.pieces())

    def split(self, texts: list[list[int]], seed: list[int]) -> list[list[int]]:
        """A pure function of its arguments."""
        if self.rate == 0:
            return texts
        generator = np.random.PCG64(seed)
        owners = np.repeat(np.arange(len(texts)), [len(ids) for ids in texts])
        ids: Ids = np.concatenate([np.array(some, np.int64) for some in texts])
        for _ in range(ROUNDS):
            drawn = (generator.random_raw(len(ids)) >> np.uint64(11)) * 2.0**-53 < self.rate
            broken = drawn & (self._left_V[ids] >= 0)
            places = np.repeat(np.arange(len(ids)), 1 + broken)
            second = np.flatnonzero(places[1:] == places[:-1]) + 1
            parts = ids[places]
            parts[second - 1] = self._left_V[parts[second]]
            parts[second] = self._right_V[parts[second]]
            ids, owners = parts, owners[places]
        ends = np.searchsorted(owners, np.arange(1, len(texts)))
        return [part.tolist() for part in np.split(ids, ends)]


def _halves(pieces: list[str]) -> tuple[Ids, Ids]:
    """The two ids that each piece is broken into [V], -1 where there are none. Frequent pieces have low ids."""
    number = {piece: index for index, piece in enumerate(pieces) if piece}
    left_V, right_V = np.full(len(pieces), -1), np.full(len(pieces), -1)
    for piece, index in number.items():
        ways = ((number.get(piece[:cut]), number.get(piece[cut:])) for cut in range(1, len(piece)))
        known = [(left, right) for left, right in ways if left is not None and right is not None]
        if known:
            left_V[index], right_V[index] = min(known, key=max)
    return left_V, right_V
