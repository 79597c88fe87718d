"""How corpora are mixed: which examples of each make up the pools that batches are cut from."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from training.stream import ShuffledStream

_EXACT = 1 << 40


class Mixture:
    """Endless pools of examples of corpora of n_1, n_2, ... examples, which are numbered through.

    Corpus i has the share p_i = w_i n_i^(1/T) / sum_j w_j n_j^(1/T) (temperature as in Arivazhagan et al., 2019,
    "Massively multilingual neural machine translation in the wild"). Of each P examples in all, pool k has those at
    places floor(floor(k P) p_i) up to floor(floor((k+1) P) p_i) of the endless stream of corpus i.

    Where all w are alike and T is None or 1, p_i = n_i / N and every example comes once in each epoch: N = sum_i n_i
    examples, which are cut into pools of one size. So all is a function of (seed, k).
    """

    def __init__(
        self, sizes: Sequence[int], weights: Sequence[float], temperature: float | None, *, pool: int, seed: int
    ) -> None:
        """Pools have about `pool` examples at most; `sizes` are at least 1."""
        total = sum(sizes)
        scaled = [weight * size ** (1 / (temperature or 1)) for size, weight in zip(sizes, weights, strict=True)]
        if temperature in (None, 1) and len(set(weights)) == 1:
            self.pools_per_epoch: int | None = -(-total // pool)
            self._pool = Fraction(total, self.pools_per_epoch)
            self.shares = [Fraction(size, total) for size in sizes]
        else:
            self.pools_per_epoch, self._pool = None, Fraction(min(total, pool) + len(sizes))
            parts = [max(1, round(_EXACT * part / sum(scaled))) for part in scaled]
            self.shares = [Fraction(part, sum(parts)) for part in parts]
        self.epochs_per_pool = self._pool / total
        self._streams = [ShuffledStream(size, seed=seed, stream=index) for index, size in enumerate(sizes)]
        self._firsts = [sum(sizes[:index]) for index in range(len(sizes))]

    def pool(self, number: int) -> NDArray[np.int64]:
        """The examples of this pool, in the order of their numbers; one that comes several times stands so often."""
        begin, end = (math.floor(place * self._pool) for place in (number, number + 1))
        parts = [
            first + stream.take(math.floor(begin * share), math.floor(end * share))
            for first, stream, share in zip(self._firsts, self._streams, self.shares, strict=True)
        ]
        return np.sort(np.concatenate(parts))
