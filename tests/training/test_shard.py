"""Shards: what is written is read, what is joined or selected is the same pairs, what is not whole is refused."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import DataError
from training import shard as shards
from training.pairs import Pairs
from training.shard import Shard, ShardBuilder, join_shards, open_shard

SidesOfPairs = list[tuple[list[int], list[int]]]
sides = st.lists(st.integers(0, 70_000), max_size=5)
pairs = st.lists(st.tuples(sides, sides), max_size=12)


def build(content: SidesOfPairs, first_line: int = 1) -> Shard:
    ids = np.array([number for pair in content for side in pair for number in side], np.int64)
    lengths = np.array([[len(side) for side in pair] for pair in content], np.int64).reshape(-1, 2)
    return Shard.build(ids, lengths, np.arange(len(content)) + first_line)


def content_of(*found: Shard) -> SidesOfPairs:
    everything = Pairs(found, [shard.checksum() for shard in found])
    pieces = everything.pieces(np.arange(len(everything)))
    assert everything.lengths(np.arange(len(everything))).tolist() == [list(map(len, pair)) for pair in pieces]
    return [(first.tolist(), second.tolist()) for first, second in pieces]


@given(pairs)
def test_a_shard_has_the_pairs_that_it_was_built_of(content: SidesOfPairs) -> None:
    assert content_of(build(content)) == content


@given(st.lists(pairs, min_size=1, max_size=4), st.data())
def test_pairs_are_the_same_in_several_shards_and_in_one(contents: list[SidesOfPairs], data: st.DataObject) -> None:
    several = [build(content) for content in contents]
    joined = join_shards(several)
    everything = [pair for content in contents for pair in content]
    assert content_of(*several) == content_of(joined) == everything
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(joined), max_size=len(joined))), np.bool_)
    selected = joined.select(kept)
    assert content_of(selected) == [pair for pair, is_kept in zip(everything, kept, strict=True) if is_kept]
    order = np.array(data.draw(st.permutations(range(len(everything)))), np.int64)
    found = Pairs(several, []).pieces(order)
    assert [(first.tolist(), second.tolist()) for first, second in found] == [everything[place] for place in order]


@given(content=pairs)
def test_a_file_holds_it_whole(content: SidesOfPairs, tmp_path_factory: pytest.TempPathFactory) -> None:
    path, written = tmp_path_factory.mktemp("shards") / "a.safetensors", build(content, first_line=70_000)
    written.write(path)
    found = open_shard(path)
    assert content_of(found) == content
    assert found.line_numbers.tolist() == written.line_numbers.tolist()
    assert found.checksum() == written.checksum()


def test_a_file_that_is_not_whole_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    build([([5, 6], [7])] * 30).write(path)
    whole = path.read_bytes()
    for size in (0, 4, 30, 200, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match=r"a\.safetensors is not whole: .*run `nmt prepare` again"):
            open_shard(path)
    path.write_bytes(whole + b"x")
    with pytest.raises(DataError, match=r"not whole"):
        open_shard(path)
    path.unlink()
    with pytest.raises(DataError, match=r"is not whole: it is gone"):
        open_shard(path)


def test_the_builder_cuts_at_so_many_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SHARD_PAIRS", 5)
    builder, found = ShardBuilder(), []
    for start in range(0, 12, 2):
        found += builder.add(build([([start], [start]), ([start + 1], [])]))
    found += builder.finish()
    assert list(map(len, found)) == [6, 6]
    assert content_of(*found) == [([n], [n] if n % 2 == 0 else []) for n in range(12)]
    assert builder.finish() == []
