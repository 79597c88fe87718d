"""Batches: every example once, little padding, the same again from any place, dealt out whole."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from nmt.errors import CheckpointError, DataError
from training.sampler import Sampler

Lengths = tuple[NDArray[np.int32], NDArray[np.int32]]


def typical_lengths(count: int) -> Lengths:
    """Log-normal target lengths around 14, sources about as long."""
    generator = np.random.default_rng(0)
    target = np.maximum(2, generator.lognormal(2.6, 0.5, count))
    source = np.maximum(2, target * generator.normal(1, 0.2, count))
    return source.astype(np.int32), target.astype(np.int32)


LENGTHS = typical_lengths(3000)


class Examples:
    """Examples of these lengths, in corpora of these sizes; by default all in one."""

    def __init__(self, lengths: Lengths, sizes: Sequence[int] = (), weights: Sequence[float] = ()) -> None:
        self.source, self.target = lengths
        self.sizes = sizes or [len(self.source)]
        self.weights = weights or [1.0] * len(self.sizes)

    def lengths(self, indices: NDArray[np.int64]) -> Lengths:
        return self.source[indices], self.target[indices]


def sampler(
    *, seed: int = 1, world: int = 1, rank: int = 0, lengths: Lengths = LENGTHS, pool_examples: int = 0,
    sizes: Sequence[int] = (), weights: Sequence[float] = (), temperature: float | None = None,
) -> Sampler:  # fmt: skip
    return Sampler(
        Examples(lengths, sizes, weights), batch_tokens=1000, seed=seed, temperature=temperature,
        pool_examples=pool_examples, world=world, rank=rank,
    )  # fmt: skip


def padded_tokens(batch: NDArray[np.int64], lengths: Lengths) -> int:
    return int(len(batch) * sum(side[batch].max() for side in lengths))


@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_every_example_once_in_an_epoch(epoch: int) -> None:
    assert np.array_equal(np.sort(np.concatenate(sampler().pool(epoch))), np.arange(3000))


def test_no_batch_is_larger_than_asked() -> None:
    assert max(padded_tokens(batch, LENGTHS) for batch in sampler().pool(0)) <= 1000


def test_less_than_a_tenth_is_padding() -> None:
    lengths = typical_lengths(30_000)
    batches = Sampler(Examples(lengths), batch_tokens=4000, seed=1).pool(0)
    real = sum(int(side.sum()) for side in lengths)
    assert real / sum(padded_tokens(batch, lengths) for batch in batches) > 0.9


def test_a_pair_that_is_too_large_makes_a_batch_of_its_own() -> None:
    lengths = np.array([5, 600, 7], np.int32), np.array([6, 600, 5], np.int32)
    assert sorted(sorted(batch.tolist()) for batch in sampler(lengths=lengths).pool(0)) == [[0, 2], [1]]


def test_batches_are_a_function_of_seed_and_epoch() -> None:
    def epoch(seed: int, number: int) -> list[list[int]]:
        return [batch.tolist() for batch in sampler(seed=seed).pool(number)]

    assert epoch(1, 3) == epoch(1, 3)
    assert epoch(1, 3) != epoch(1, 4)
    assert epoch(1, 3) != epoch(2, 3)
    assert {frozenset(batch) for batch in epoch(1, 3)} != {frozenset(batch) for batch in epoch(1, 4)}


def test_batches_do_not_come_by_length() -> None:
    longest = [LENGTHS[1][batch].max() for batch in sampler().pool(0)]
    assert abs(np.corrcoef(longest, np.arange(len(longest)))[0, 1]) < 0.4


def test_iteration_goes_through_the_epochs() -> None:
    source = sampler()
    expected = source.pool(0) + source.pool(1)
    for batch, wanted in zip(source, expected, strict=False):
        assert np.array_equal(batch, wanted)


@pytest.mark.parametrize("place", ["start", "inside", "last of the epoch", "next epoch"])
def test_restored_sampler_goes_on_as_the_first_would(place: str) -> None:
    first, second = sampler(), sampler()
    length = len(first.pool(0))
    given = {"start": 0, "inside": 5, "last of the epoch": length, "next epoch": length + 2}[place]
    for _ in range(given):
        next(first)
    next(second)
    second.restore(first.state())
    for _ in range(length + 3):
        assert np.array_equal(next(first), next(second))


def test_the_state_of_another_corpus_is_refused() -> None:
    with pytest.raises(CheckpointError, match=r"2,000 examples, this one has 3,000"):
        sampler().restore(sampler(lengths=typical_lengths(2000)).state())


def test_the_shares_of_all_ranks_are_the_batch_of_one_process() -> None:
    whole = {frozenset(batch.tolist()) for batch in sampler().pool(2)}
    shares = [sampler(world=3, rank=rank).pool(2) for rank in range(3)]
    joined = set()
    for parts in zip(*shares, strict=True):
        assert max(map(len, parts)) - min(map(len, parts)) <= 1
        joined.add(frozenset(np.concatenate(parts).tolist()))
    assert len(joined - whole) <= 1  # a last batch of fewer examples than processes joins the one before
    assert sum(map(len, joined)) == len(frozenset().union(*joined)) == 3000


def test_no_rank_goes_empty() -> None:
    lengths = np.full(7, 900, np.int32), np.full(7, 900, np.int32)
    shares = [sampler(world=3, rank=rank, lengths=lengths).pool(0) for rank in range(3)]
    assert all(len(batch) for batch in itertools.chain(*shares))
    assert sorted(np.concatenate([*itertools.chain(*shares)])) == list(range(7))


def test_fewer_examples_than_processes_are_refused() -> None:
    with pytest.raises(DataError, match="2 examples can't be dealt out to 3 processes"):
        sampler(world=3, lengths=typical_lengths(2))


MIXED = {
    "one pool": {},
    "several pools": {"pool_examples": 700},
    "weights": {"sizes": [500, 2500], "weights": [4.0, 1.0]},
    "temperature": {"sizes": [100, 0, 2900], "temperature": 5.0, "pool_examples": 800},
}
mixtures = pytest.mark.parametrize("options", MIXED.values(), ids=MIXED)


def test_every_example_once_in_an_epoch_of_several_pools() -> None:
    source = sampler(pool_examples=700, sizes=[1000, 2000])
    assert source.pools_per_epoch == 5
    for epoch in (0, 3):
        batches = itertools.chain.from_iterable(source.pool(5 * epoch + turn) for turn in range(5))
        assert np.array_equal(np.sort(np.concatenate(list(batches))), np.arange(3000))


@mixtures
def test_epochs_are_examples_given_for_each_that_there_is(options: dict) -> None:
    source, given = sampler(**options), 0
    assert source.epochs == 0
    for _ in range(90):
        given += len(next(source))
        again = sampler(**options)
        again.restore(source.state())
        assert again.epochs == source.epochs == pytest.approx(given / 3000, abs=0.15)


def test_an_epoch_is_whole_when_its_last_batch_is_given() -> None:
    source, given = sampler(pool_examples=700, sizes=[1000, 2000]), 0
    while source.epochs < 2:
        given += len(next(source))
    assert given == 2 * 3000


@mixtures
@pytest.mark.parametrize("given_before", [0, 3, 40, 95])
def test_any_place_is_gone_on_from(options: dict, given_before: int) -> None:
    first, second = sampler(**options), sampler(**options)
    for _ in range(given_before):
        next(first)
    second.restore(first.state())
    for _ in range(60):
        assert np.array_equal(next(first), next(second))


@mixtures
def test_two_ranks_have_what_one_process_has(options: dict) -> None:
    whole = sampler(**options).pool(3)
    shares = [sampler(**options, world=2, rank=rank).pool(3) for rank in range(2)]
    joined = sorted(np.concatenate([*itertools.chain(*shares)]).tolist())
    assert joined == sorted(np.concatenate(whole).tolist())
    assert all(len(one) - len(other) in (0, 1) for one, other in zip(*shares, strict=True))


def test_the_place_of_an_earlier_version_is_gone_on_from() -> None:
    first, second = sampler(), sampler()
    for _ in range(len(first.pool(0)) + 3):
        next(first)
    second.restore({"epoch": 1, "position": 3, "examples": 3000})
    assert np.array_equal(next(first), next(second))
    with pytest.raises(CheckpointError):
        sampler(pool_examples=700).restore({"epoch": 1, "position": 3, "examples": 3000})


def test_where_batches_are_cut_otherwise_the_place_is_as_far_in_the_pool() -> None:
    first, second = sampler(), sampler(world=50)
    batches, fewer = len(first.pool(0)), len(second.pool(0))
    assert fewer < batches - 3
    for _ in range(batches - 2):
        next(first)
    second.restore(first.state())
    assert second.state()["position"] == (batches - 2) * fewer // batches
    next(second)
