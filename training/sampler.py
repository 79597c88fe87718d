"""Which examples make up which batch: a pure function of (seed, epoch), so training can stop and go on anywhere."""

# N examples

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nmt.errors import CheckpointError, DataError

Indices = NDArray[np.int64]


class Sampler(Iterator[Indices]):
    """Batches of example indices of similar length, for ever, every example once in each epoch.

    A batch has at most `batch_tokens` padded tokens, rows x (longest source + longest target), and at least one
    example. Batches are cut for all `world` processes together and then dealt out, row by row: `rank` gets its share of
    each; a batch then has at least `world` examples. Raises DataError where there are fewer in all.
    """

    def __init__(
        self,
        source_lengths: NDArray[np.integer],
        target_lengths: NDArray[np.integer],
        *,
        batch_tokens: int,
        seed: int,
        world: int = 1,
        rank: int = 0,
    ) -> None:
        assert len(source_lengths) == len(target_lengths), "an example has a source and a target"
        assert 0 <= rank < world
        if len(source_lengths) < world:
            raise DataError(f"{len(source_lengths)} examples can't be dealt out to {world} processes")
        self._source_lengths, self._target_lengths = source_lengths, target_lengths
        self._batch_tokens, self._seed, self._world, self._rank = batch_tokens, seed, world, rank
        self._epoch = self._position = 0
        self._batches: list[Indices] | None = None

    def __next__(self) -> Indices:
        if self._batches is None:
            self._batches = self.epoch(self._epoch)
        if self._position == len(self._batches):
            self._epoch, self._position = self._epoch + 1, 0
            self._batches = self.epoch(self._epoch)
        self._position += 1
        return self._batches[self._position - 1]

    def epoch(self, number: int) -> list[Indices]:
        """This rank's batches of one epoch, in the order of training."""
        generator = np.random.PCG64([self._seed, number])
        order = self._sorted(generator.random_raw(len(self._source_lengths)))
        starts = self._cut(order)
        batches = np.split(order, starts[1:])
        shuffled = np.argsort(generator.random_raw(len(batches)), kind="stable")
        return [batches[index][self._rank :: self._world] for index in shuffled]

    def state(self) -> dict[str, int]:
        """The place of the next batch: epoch, batches of it already given; and the number of examples."""
        return {"epoch": self._epoch, "position": self._position, "examples": len(self._source_lengths)}

    def restore(self, state: dict[str, int]) -> None:
        """Go on from `state()`. Raises CheckpointError where it is that of another corpus."""
        batches = self.epoch(state["epoch"])
        if state["examples"] != len(self._source_lengths) or state["position"] > len(batches):
            raise CheckpointError(
                f"the checkpoint was made with a corpus of {state['examples']:,} examples, "
                f"this one has {len(self._source_lengths):,}: give it the files and options it began with"
            )
        self._epoch, self._position, self._batches = state["epoch"], state["position"], batches

    def _sorted(self, random_N: NDArray[np.uint64]) -> Indices:
        """Examples by target length; those of one target length by source length, up and down in turns; ties shuffled.

        The turns keep neighbours alike in source length, too, where the target length changes.
        """
        target_N, source_N = self._target_lengths, self._source_lengths.astype(np.int64)
        _, turn_N = np.unique(target_N, return_inverse=True)
        up_or_down_N = np.where(turn_N % 2 == 0, source_N, -source_N)
        return np.lexsort((random_N, up_or_down_N, target_N))

    def _cut(self, order: Indices) -> list[int]:
        """Where in `order` batches begin: each takes as many examples as fit."""
        starts, rows, source, target = [0], 0, 0, 0
        lengths = zip(self._source_lengths[order].tolist(), self._target_lengths[order].tolist(), strict=True)
        for place, (source_length, target_length) in enumerate(lengths):
            source, target = max(source, source_length), max(target, target_length)
            if rows >= self._world and (rows + 1) * (source + target) > self._batch_tokens:
                starts.append(place)
                rows, source, target = 0, source_length, target_length
            rows += 1
        if rows < self._world:
            starts.pop()
        return starts
