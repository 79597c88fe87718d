"""Remembered hashes are what a set would remember, as far as there is room."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.direction import Direction
from training.preparation import duplicates
from training.preparation.duplicates import SeenHashes, hash_pairs

batches = st.lists(st.lists(st.integers(0, 40) | st.integers(2**64 - 3, 2**64 - 1), max_size=20), max_size=6)


@pytest.fixture(autouse=True)
def _small_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_SMALLEST", 4)


@given(batches, st.integers(1, 50))
def test_it_is_a_set_of_so_many(parts: list[list[int]], most: int) -> None:
    seen, wanted = SeenHashes(most), set[int]()
    for part in parts:
        numbers = [max(1, number) for number in part]  # 0 and 1 are alike
        fresh = [number not in wanted and number not in numbers[:place] for place, number in enumerate(numbers)]
        assert seen.add(np.array(part, np.uint64)).tolist() == fresh
        for number in dict.fromkeys(numbers):
            if len(wanted) < most:
                wanted.add(number)
        assert seen.count == len(wanted)
    assert (seen.count == most) == (len(wanted) == most)


def test_many_hashes() -> None:
    generator, seen = np.random.default_rng(1), SeenHashes(10**6)
    numbers = generator.integers(0, 2**64, 50_000, np.uint64)
    assert all(seen.add(part).all() for part in np.split(numbers, 50))
    assert not seen.add(numbers).any()
    assert seen.count == 50_000


def test_hashes_are_of_texts_languages_and_directions() -> None:
    pairs = [("a", "b"), (" a", "b\t"), ("ab", ""), ("b", "a")]
    found = hash_pairs(("de", "en"), (), pairs).tolist()
    assert found[0] == found[1] and len(set(found)) == 3
    assert hash_pairs(("de", "fr"), (), pairs[:1]).tolist() != found[:1]
    to, back = Direction("de", "en"), Direction("en", "de")
    limited = [hash_pairs(("de", "en"), directions, pairs[:1]).tolist() for directions in ((to,), (back,), (to, back))]
    assert len({number for numbers in [found[:1], *limited] for number in numbers}) == 4
    assert hash_pairs(("de", "en"), (back, to), pairs[:1]).tolist() == limited[2]
