"""What a translator returns: text, and how it came about."""

# T target tokens, S source tokens

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Token:
    """A sub-word piece and the half-open span of its text, in code points; a special symbol's span is empty.

    Pieces of one byte-fallback character share that character's span. `special` marks language tags and `</s>`.
    """

    piece: str
    start: int
    end: int
    special: bool = False


@dataclass(frozen=True)
class Word:
    """A stretch of text between white space and the half-open ranges of its characters and of its tokens."""

    text: str
    start: int
    end: int
    first_token: int
    last_token: int  # one past


@dataclass(frozen=True)
class Segment:
    """One stretch of source text that was translated as a whole.

    `source_start`, `source_end`, `target_start`, `target_end` are half-open spans in the whole source and target text,
    in code points; the spans of tokens and words count in the same texts. `attention_TS` has a row for each target
    token (`</s>` last) over all source tokens (language tag and `</s>` included), rows sum to 1; it is None where the
    model has no attention. `word_attention` has a row for each target word over the source words: token columns
    added, token rows averaged, specials left out without renormalising. `links` pairs each target word with the
    source word it looked at most, (source word, target word). `unknown_words` are the places of those source words that
    the model has not learnt from and that don't stand in the target as they are: what stands for them is a guess.
    `corrected_words` are the places of source words that look mistyped, each with how the whole word was read.
    `log_probability` is a natural log, `</s>` included.
    """

    source_start: int
    source_end: int
    target_start: int
    target_end: int
    source_tokens: tuple[Token, ...]
    target_tokens: tuple[Token, ...]
    token_log_probabilities: tuple[float, ...]
    log_probability: float
    rank_score: float
    attention_TS: NDArray[np.float32] | None
    source_words: tuple[Word, ...]
    target_words: tuple[Word, ...]
    word_attention: NDArray[np.float32] | None
    links: tuple[tuple[int, int], ...]
    corrected_words: tuple[tuple[int, str], ...] = ()
    unknown_words: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Translation:
    """The translation of one text. `alternatives` are further ones, best first, without doubles or this one.

    A text with nothing to translate (white space, symbols, emoji) comes back as it is, with no segments.
    """

    text: str
    segments: tuple[Segment, ...]
    alternatives: tuple["Translation", ...] = ()
