"""Which words two texts have in common, in order, and which only one of them has."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import chain, pairwise
from typing import TypeAlias

MOST_PAIRS = 100_000
Runs: TypeAlias = tuple[str, ...]
"""A text in pieces that are, by turns, its own (first and last) and shared; each may be empty."""


def differing_runs(one: str, other: str) -> tuple[Runs, Runs]:
    """Both texts in runs; their shared words are the same, and joined the runs are the text.

    White space belongs to the word before it and doesn't count. Of texts so long that all pairs of their words are more
    than MOST_PAIRS, only the words at the beginning and at the end count as shared.
    """
    mine, theirs = _words(one), _words(other)
    blocks = _shared([word.strip() for word in mine], [word.strip() for word in theirs])
    return (
        _runs(mine, [(a, a + size) for a, _, size in blocks]),
        _runs(theirs, [(b, b + size) for _, b, size in blocks]),
    )


def _shared(mine: Sequence[str], theirs: Sequence[str]) -> Sequence[tuple[int, int, int]]:
    """Where words that both share begin in the one and in the other, and how many; the last of these has none."""
    if len(mine) * len(theirs) <= MOST_PAIRS:
        return SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks()
    most = min(len(mine), len(theirs))
    start = _alike(mine, theirs, most)
    end = _alike(mine[::-1], theirs[::-1], most - start)
    return [(0, 0, start), (len(mine) - end, len(theirs) - end, end), (len(mine), len(theirs), 0)]


def _alike(mine: Sequence[str], theirs: Sequence[str], most: int) -> int:
    """With how many words, `most` at most, both begin."""
    differ = (place for place in range(most) if mine[place] != theirs[place])
    return next(differ, most)


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*|\s+", text)


def _runs(words: Sequence[str], shared: Sequence[tuple[int, int]]) -> Runs:
    """`shared` ends with an empty range after the last word."""
    places = [0, *chain.from_iterable(shared)][:-1]
    return tuple("".join(words[start:end]) for start, end in pairwise(places))
