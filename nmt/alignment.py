"""From attention between sub-word tokens to words: what people look at in a heat map."""

# T target tokens, S source tokens, U target words, W source words

import itertools
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nmt.translation import Token, Word

_STRETCH = re.compile(r"\S+")


def find_words(text: str, tokens: Sequence[Token], start: int = 0, end: int | None = None) -> tuple[Word, ...]:
    """The words of `text[start:end]`, in order; together they hold all of its characters but white space.

    A word is a stretch between white space, and a run of one punctuation mark at its edge is a word of its own:
    `"Well..."` is `"`, `Well`, `...`, `"`. Tokens are never cut: where one reaches over such a border, there is none.
    A token belongs to the word that its span lies in, special symbols and white space between words to none; a word
    of characters that the tokenizer leaves out has no tokens (its range is empty).
    """
    places = [(token.start, index) for index, token in enumerate(tokens) if token.start < token.end]
    words = []
    for first, last in _joined(_stretches(text, start, len(text) if end is None else end), tokens):
        mine = places[bisect_left(places, (first, 0)) : bisect_left(places, (last, 0))]
        indices = (mine[0][1], mine[-1][1] + 1) if mine else (0, 0)
        words.append(Word(text[first:last], first, last, *indices))
    return tuple(words)


def aligned(
    attention_TS: NDArray[np.float32] | None, target_words: Sequence[Word], source_words: Sequence[Word]
) -> tuple[NDArray[np.float32] | None, tuple[tuple[int, int], ...]]:
    """`fold` of the attention and its `strongest_links`; None and no links where the model has no attention."""
    if attention_TS is None:
        return None, ()
    attention_UW = fold(attention_TS, target_words, source_words)
    return attention_UW, strongest_links(attention_UW)


def fold(
    attention_TS: NDArray[np.float32], target_words: Sequence[Word], source_words: Sequence[Word]
) -> NDArray[np.float32]:
    """[U, W]: how much of each target word's attention lies on each source word, each row's sum within [0, 1].

    Summed over a source word's tokens, averaged over a target word's; the share of special symbols and white space
    is left out without renormalising. A target word without tokens has a row of zeros.
    """
    attention_TW = _summed(attention_TS.T, source_words).T
    lengths_U = np.array([word.last_token - word.first_token for word in target_words], dtype=np.int64)
    averaged_UW: NDArray[np.float64] = _summed(attention_TW, target_words) / lengths_U.clip(min=1)[:, None]
    return averaged_UW.astype(np.float32)


def strongest_links(attention_UW: NDArray[np.float32]) -> tuple[tuple[int, int], ...]:
    """(source word, target word) for each target word that looked at any word: the one it looked at most, or the
    first of those."""
    if attention_UW.size == 0:
        return ()
    best_U = attention_UW.argmax(axis=1)
    return tuple((int(best), row) for row, best in enumerate(best_U) if attention_UW[row, best] > 0)


def _summed(attention: NDArray[np.floating], words: Sequence[Word]) -> NDArray[np.float64]:
    """One row for each word: the sum of its tokens' rows."""
    before = np.zeros((len(attention) + 1, attention.shape[1]))
    np.cumsum(attention, axis=0, out=before[1:])
    firsts = np.array([word.first_token for word in words], dtype=np.int64)
    lasts = np.array([word.last_token for word in words], dtype=np.int64)
    summed: NDArray[np.float64] = before[lasts] - before[firsts]
    return summed


def _stretches(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans between white space, edge punctuation apart."""
    for found in _STRETCH.finditer(text, start, end):
        yield from _edges_apart(text, *found.span())


def _edges_apart(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    core_start, core_end = start, end
    while core_start < end and _is_punctuation(text, core_start):
        core_start += 1
    while core_end > core_start and _is_punctuation(text, core_end - 1):
        core_end -= 1
    yield from _runs(text, start, core_start)
    if core_start < core_end:
        yield core_start, core_end
    yield from _runs(text, core_end, end)


def _runs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for _, group in itertools.groupby(range(start, end), key=lambda place: text[place]):
        places = list(group)
        yield places[0], places[-1] + 1


def _is_punctuation(text: str, place: int) -> bool:
    """A mark that no combining character (an accent, an emoji's keycap) makes into something else."""
    if unicodedata.category(text[place])[0] != "P":
        return False
    following = text[place + 1 : place + 2]
    return not (following and unicodedata.category(following)[0] == "M")


def _joined(stretches: Iterator[tuple[int, int]], tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Neighbours become one where a token lies in both."""
    starts = [token.start for token in tokens]
    reach = [0, *itertools.accumulate((token.end for token in tokens), max)]
    joined: list[tuple[int, int]] = []
    for start, end in stretches:
        if joined and reach[bisect_left(starts, joined[-1][1])] > start:
            start, _ = joined.pop()
        joined.append((start, end))
    yield from joined
