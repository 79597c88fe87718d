"""Which examples make up which batch: a pure function of (seed, place), so training can stop and go on anywhere."""

# N examples of a pool

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nmt.errors import CheckpointError, DataError
from training.mixture import Mixture
from training.pairs import Indices

Lengths = NDArray[np.integer[Any]]
POOL_EXAMPLES = 1 << 20


class Examples(Protocol):
    """What is sampled from: examples of several corpora, numbered through from the first corpus to the last."""

    @property
    def sizes(self) -> Sequence[int]:
        """How many examples each corpus has."""
        ...

    @property
    def weights(self) -> Sequence[float]:
        """How often those of each are wanted, compared with those of weight 1."""
        ...

    def lengths(self, indices: Indices) -> tuple[Lengths, Lengths]:
        """Tokens of the sources and of the targets of these."""
        ...


class Sampler(Iterator[Indices]):
    """Batches of example indices of similar length, for ever.

    Examples are drawn in pools (see `Mixture`), and each pool is cut into batches of examples alike in length, which
    come in random order. Without weights or a temperature every example comes once in each epoch. A pool has about
    `pool_examples` examples, or as many as there are in all (0); nothing larger than a pool is held.

    A batch has at most `batch_tokens` padded tokens, rows x (longest source + longest target), and at least one
    example. Batches are cut for all `world` processes together and then dealt out, row by row: `rank` gets its share of
    each; a batch then has at least `world` examples. Raises DataError where there are fewer in all.
    """

    def __init__(
        self,
        examples: Examples,
        *,
        batch_tokens: int,
        seed: int,
        temperature: float | None = None,
        pool_examples: int = 0,
        world: int = 1,
        rank: int = 0,
    ) -> None:
        assert 0 <= rank < world
        self._count = sum(examples.sizes)
        if self._count < world:
            raise DataError(f"{self._count} examples can't be dealt out to {world} processes")
        kept = [(size, weight) for size, weight in zip(examples.sizes, examples.weights, strict=True) if size]
        sizes, weights = zip(*kept, strict=True)
        pool = max(pool_examples, world) if pool_examples else self._count
        self._mixture = Mixture(sizes, weights, temperature, pool=pool, seed=seed)
        self._examples, self._batch_tokens, self._seed = examples, batch_tokens, seed
        self._world, self._rank = world, rank
        self._pool = self._position = 0
        self._batches: list[Indices] | None = None

    def __next__(self) -> Indices:
        if self._batches is None:
            self._batches = self.pool(self._pool)
        while self._position == len(self._batches):
            self._pool, self._position = self._pool + 1, 0
            self._batches = self.pool(self._pool)
        self._position += 1
        return self._batches[self._position - 1]

    @property
    def pools_per_epoch(self) -> int | None:
        """After how many pools every example has come once; None where some come more often than others."""
        return self._mixture.pools_per_epoch

    @property
    def epochs(self) -> float:
        """How often as many examples as there are have been given; within a pool, as the share of its batches."""
        share = Fraction(self._position, len(self._batches)) if self._batches else 0
        return float((self._pool + share) * self._mixture.epochs_per_pool)

    def pool(self, number: int) -> list[Indices]:
        """This rank's batches of one pool, in the order of training."""
        examples = self._mixture.pool(number)
        generator = np.random.PCG64([self._seed, number])
        source_N, target_N = self._examples.lengths(examples)
        order_N = _by_length(source_N, target_N, generator.random_raw(len(examples)))
        starts = self._cut(source_N[order_N], target_N[order_N])
        batches = np.split(examples[order_N], starts[1:])
        shuffled = np.argsort(generator.random_raw(len(batches)), kind="stable")
        return [batches[index][self._rank :: self._world] for index in shuffled]

    def state(self) -> dict[str, int]:
        """The place of the next batch: pool, batches of it already given, and batches of it; the number of examples."""
        cut = len(self._batches or ())
        return {"pool": self._pool, "position": self._position, "batches": cut, "examples": self._count}

    def restore(self, state: dict[str, int]) -> None:
        """Go on from `state()`, or from that of an earlier version, where a pool was an `epoch`.

        Where the pool is cut otherwise now, as it may be for another number of processes, the place is as far in it.
        Raises CheckpointError where it is that of another corpus.
        """
        pool = state["pool"] if "pool" in state else state["epoch"]
        if state["examples"] != self._count or ("epoch" in state and self.pools_per_epoch != 1):
            raise _other_corpus(state, self._count)
        batches = self.pool(pool)
        position = state["position"] * len(batches) // (state.get("batches") or len(batches))
        if position > len(batches):
            raise _other_corpus(state, self._count)
        self._pool, self._position, self._batches = pool, position, batches

    def _cut(self, source_N: Lengths, target_N: Lengths) -> list[int]:
        """Where batches begin: each takes as many examples as fit."""
        starts, rows, source, target = [0], 0, 0, 0
        lengths = zip(source_N.tolist(), target_N.tolist(), strict=True)
        for place, (source_length, target_length) in enumerate(lengths):
            source, target = max(source, source_length), max(target, target_length)
            if rows >= self._world and (rows + 1) * (source + target) > self._batch_tokens:
                starts.append(place)
                rows, source, target = 0, source_length, target_length
            rows += 1
        if rows < self._world:
            starts.pop()
        return starts


def _by_length(source_N: Lengths, target_N: Lengths, random_N: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Examples by target length; those of one target length by source length, up and down in turns; ties shuffled.

    The turns keep neighbours alike in source length, too, where the target length changes.
    """
    _, turn_N = np.unique(target_N, return_inverse=True)
    source_N = source_N.astype(np.int64)
    up_or_down_N = np.where(turn_N % 2 == 0, source_N, -source_N)
    return np.lexsort((random_N, up_or_down_N, target_N))


def _other_corpus(state: dict[str, int], count: int) -> CheckpointError:
    return CheckpointError(
        f"the checkpoint was made with a corpus of {state['examples']:,} examples, "
        f"this one has {count:,}: give it the files and options it began with"
    )
