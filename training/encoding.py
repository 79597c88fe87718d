"""Pairs of lines to pieces, and why some are left out."""

# N pairs of a chunk, K of them that are kept

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nmt.tokenizer import Tokenizer
from training.shard import Shard

CHUNK_LINES, CHUNK_CHARACTERS = 10_000, 1 << 22
RATIO_FROM = 10
RULES = (
    "empty", "invalid_characters", "control_characters", "identical", "held_out", "wrong_language", "too_long",
    "length_ratio", "duplicate",
)  # fmt: skip
KEPT, EMPTY = -1, RULES.index("empty")

Pair = tuple[str, str]
Verdicts = NDArray[np.int8]
"""For each pair the place in RULES of the first rule that leaves it out, or KEPT."""


@dataclass(frozen=True)
class Chunk:
    """Pairs of lines that follow each other, the first of them line `first_line` of its corpus, counted from 1."""

    pairs: Sequence[Pair]
    first_line: int


@dataclass(frozen=True)
class EncodedChunk:
    """The pieces of the pairs that are kept, in order, and the verdict on every pair."""

    kept: Shard
    verdicts: Verdicts


def encode(
    tokenizer: Tokenizer,
    chunk: Chunk,
    *,
    max_length: int,
    max_ratio: float = 0,
    judge: Callable[[Sequence[Pair]], Verdicts] | None = None,
) -> EncodedChunk:
    """Tokenize a chunk without the pairs that `judge` (absent: `empty_sides`) or their lengths leave out."""
    verdicts = (judge or empty_sides)(chunk.pairs)
    places_K = np.flatnonzero(verdicts == KEPT)
    sides = [tokenizer.encode_lines([chunk.pairs[place][side] for place in places_K.tolist()]) for side in (0, 1)]
    lengths_K2 = np.array([list(map(len, side)) for side in sides], np.int64).T.reshape(-1, 2)
    numbers = itertools.chain.from_iterable(itertools.chain.from_iterable(zip(*sides, strict=True)))
    ids = np.fromiter(numbers, np.int64, int(lengths_K2.sum()))
    verdicts[places_K] = judge_lengths(lengths_K2, max_length, max_ratio)
    everything = Shard.build(ids, lengths_K2, places_K + chunk.first_line)
    return EncodedChunk(everything.select(verdicts[places_K] == KEPT), verdicts)


def bare(pair: Pair) -> Pair:
    """Without white space at the edges of its sides."""
    return pair[0].strip(), pair[1].strip()


def empty_sides(pairs: Sequence[Pair]) -> Verdicts:
    return np.array([KEPT if first.strip() and second.strip() else EMPTY for first, second in pairs], np.int8)


def judge_lengths(lengths_N2: NDArray[np.int64], max_length: int, max_ratio: float) -> Verdicts:
    """Pairs without a piece on one side are empty, with more than `max_length` too long, or their lengths too unlike:

    the longer side has more than RATIO_FROM pieces, and more than `max_ratio` times those of the other (0: any).
    """
    shortest_N, longest_N = lengths_N2.min(axis=1), lengths_N2.max(axis=1)
    unlike_N = (longest_N > RATIO_FROM) & (longest_N > max_ratio * shortest_N) & (max_ratio > 0)
    conditions = [shortest_N == 0, longest_N > max_length, unlike_N]
    rules = [RULES.index(name) for name in ("empty", "too_long", "length_ratio")]
    return np.select(conditions, rules, KEPT).astype(np.int8)


def chunks(lines: Iterator[tuple[str, ...]], *, most: int = 0, skip: int = 0) -> Iterator[Chunk]:
    """Pairs of lines from line `skip` + 1 to line `most` (0: the last), in chunks.

    A chunk ends with CHUNK_LINES lines, or with the line that brings it to CHUNK_CHARACTERS.
    """
    wanted, first_line = itertools.islice(lines, skip, most or None), skip + 1
    while pairs := list(_filling(wanted)):
        yield Chunk(pairs, first_line)
        first_line += len(pairs)


def _filling(lines: Iterator[tuple[str, ...]]) -> Iterator[Pair]:
    characters = 0
    for first, second in itertools.islice(lines, CHUNK_LINES):
        yield first, second
        characters += len(first) + len(second)
        if characters >= CHUNK_CHARACTERS:
            return
