"""Streams and pools: every example once in an epoch, shares exact in the long run, any place found by itself."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import stream
from training.mixture import Mixture
from training.stream import ShuffledStream

sizes = st.lists(st.integers(1, 60), min_size=1, max_size=4)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BLOCK", 16)


@pytest.mark.parametrize("size", [1, 15, 16, 17, 100])
def test_a_stream_has_each_number_once_in_each_epoch(size: int) -> None:
    source = ShuffledStream(size, seed=1, stream=0)
    epochs = [source.take(epoch * size, (epoch + 1) * size).tolist() for epoch in range(3)]
    assert all(sorted(epoch) == list(range(size)) for epoch in epochs)
    assert size < 15 or epochs[0] != epochs[1] != epochs[2]


@given(st.integers(1, 70), st.lists(st.integers(0, 200), min_size=1, max_size=6))
def test_a_stream_is_the_same_however_it_is_taken(size: int, cuts: list[int]) -> None:
    source, places = ShuffledStream(size, seed=3, stream=1), [0, *sorted(cuts)]
    parts = [source.take(first, end) for first, end in itertools.pairwise(places)]
    assert np.concatenate(parts).tolist() == source.take(0, places[-1]).tolist()


def test_streams_differ_by_seed_and_number() -> None:
    orders = [ShuffledStream(50, seed=seed, stream=number).take(0, 50).tolist() for seed in (0, 1) for number in (0, 1)]
    assert len(set(map(tuple, orders))) == 4


@given(sizes, st.integers(1, 100), st.integers(0, 3))
def test_without_weights_an_epoch_has_every_example_once(counts: list[int], pool: int, epoch: int) -> None:
    mixture = Mixture(counts, [2.0] * len(counts), None, pool=pool, seed=1)
    pools = mixture.pools_per_epoch
    assert pools is not None
    drawn = [mixture.pool(epoch * pools + turn) for turn in range(pools)]
    assert sorted(np.concatenate(drawn).tolist()) == list(range(sum(counts)))
    assert max(map(len, drawn)) <= pool + len(counts)


@given(sizes, st.lists(st.floats(0.01, 100), min_size=4, max_size=4), st.none() | st.floats(1, 20), st.integers(0, 40))
def test_shares_are_exact_in_the_long_run(
    counts: list[int], weights: list[float], temperature: float | None, pools: int
) -> None:
    weights = weights[: len(counts)]
    mixture = Mixture(counts, weights, temperature, pool=30, seed=1)
    drawn = np.concatenate([np.empty(0, np.int64), *(mixture.pool(number) for number in range(pools))])
    scaled = [w * n ** (1 / (temperature or 1)) for n, w in zip(counts, weights, strict=True)]
    ends = np.cumsum(counts)
    total = len(drawn) if mixture.pools_per_epoch else pools * (min(sum(counts), 30) + len(counts))
    for index, part in enumerate(scaled):
        found = int(((drawn < ends[index]) & (drawn >= ends[index] - counts[index])).sum())
        assert abs(found - total * part / sum(scaled)) <= 1 + len(counts)


def test_each_corpus_goes_round_its_own_examples_evenly() -> None:
    mixture = Mixture([10, 90], [9.0, 1.0], None, pool=1000, seed=1)
    drawn = np.concatenate([mixture.pool(number) for number in range(10)])
    times = np.bincount(drawn, minlength=100)
    assert np.ptp(times[:10]) <= 1 and np.ptp(times[10:]) <= 1
    assert times[:10].sum() == pytest.approx(times[10:].sum(), abs=2)


def test_a_high_temperature_draws_all_corpora_alike() -> None:
    shares = [float(share) for share in Mixture([1, 1000], [1.0, 1.0], 1000, pool=10, seed=1).shares]
    assert shares == pytest.approx([0.5, 0.5], abs=0.01)
    natural = Mixture([1, 999], [1.0, 1.0], 1, pool=10, seed=1)
    assert list(map(float, natural.shares)) == [0.001, 0.999]
