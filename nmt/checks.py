"""Signs that a translation may be wrong, read from what the model said and what it looked at."""

# T target tokens, S source tokens, U target words, W source words

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nmt.known_words import words_of
from nmt.translation import Word

SEEN_TOO_LITTLE = 0.1
"""Attention that all target words together gave to a source word; below this the word was hardly seen."""
OMISSIBLE_CHARACTERS = 4
"""A source word this long carries meaning; articles and the like are often rightly left out."""
OMITTED_WORDS, OMITTED_SHARE = 2, 0.4
"""So many of the longer words, and this share of them, have to be unseen before it is said: one alone often is, where
two words became one."""
SURE = -1.6
"""Mean log-probability of a token below which a translation is doubtful (a probability of some 20 %)."""
COPIED_WORDS = 3
_LONGEST_LOOP = 4


def repeats(tokens: Sequence[int]) -> bool:
    """Whether up to four tokens come three times in a row (one alone: four times)."""
    for size in range(1, _LONGEST_LOOP + 1):
        times = 4 if size == 1 else 3
        run = 0
        for at in range(size, len(tokens)):
            run = run + 1 if tokens[at] == tokens[at - size] else 0
            if run >= size * (times - 1):
                return True
    return False


def may_omit(word_attention_UW: NDArray[np.float32] | None, source_words: Sequence[Word]) -> bool:
    """Whether several of the longer source words were hardly looked at by any target word."""
    if word_attention_UW is None or word_attention_UW.size == 0:
        return False
    seen_W: list[float] = word_attention_UW.sum(axis=0).tolist()
    longer = [
        seen
        for seen, word in zip(seen_W, source_words, strict=True)
        if word.first_token < word.last_token and _letters(word.text) >= OMISSIBLE_CHARACTERS
    ]
    unseen = sum(seen < SEEN_TOO_LITTLE for seen in longer)
    return unseen >= OMITTED_WORDS and unseen >= OMITTED_SHARE * len(longer)


def is_copied(source: str, target: str) -> bool:
    """Whether at least COPIED_WORDS words came back as they were."""
    words = source.casefold().split()
    return len(words) >= COPIED_WORDS and words == target.casefold().split()


def guessed_words(unknown: Sequence[int], source_words: Sequence[Word], target: str) -> tuple[int, ...]:
    """The `unknown` ones of the source words without those that stand in `target` as they are, as names do: what has no
    capital is a word that was not translated."""
    said = set(words_of(target)) if unknown else set()
    words = ((place, source_words[place].text) for place in unknown)
    return tuple(place for place, word in words if word.islower() or not said.issuperset(words_of(word)))


def is_doubtful(log_probability: float, tokens: int) -> bool:
    """Whether the model gave its tokens, in the geometric mean, less than e^SURE."""
    return not math.isfinite(log_probability) or log_probability / max(tokens, 1) < SURE


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)
