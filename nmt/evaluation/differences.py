"""Which words two texts have in common, in order, and which only one of them has."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import chain, pairwise
from typing import TypeAlias

Runs: TypeAlias = tuple[str, ...]
"""A text in pieces that are, by turns, its own (first and last) and shared; each may be empty."""


def differing_runs(one: str, other: str) -> tuple[Runs, Runs]:
    """Both texts in runs; their shared words are the same, and joined the runs are the text.

    White space belongs to the word before it and doesn't count.
    """
    mine, theirs = _words(one), _words(other)
    matcher = SequenceMatcher(None, [word.strip() for word in mine], [word.strip() for word in theirs], autojunk=False)
    blocks = matcher.get_matching_blocks()
    return (
        _runs(mine, [(block.a, block.a + block.size) for block in blocks]),
        _runs(theirs, [(block.b, block.b + block.size) for block in blocks]),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*|\s+", text)


def _runs(words: Sequence[str], shared: Sequence[tuple[int, int]]) -> Runs:
    """`shared` ends with an empty range after the last word."""
    places = [0, *chain.from_iterable(shared)][:-1]
    return tuple("".join(words[start:end]) for start, end in pairwise(places))
