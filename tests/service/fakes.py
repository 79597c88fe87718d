"""A translator without a model: one target word for each source word, attention near the diagonal."""

import re
from collections.abc import Sequence
from threading import Event
from typing import NamedTuple

import numpy as np

from nmt.config import SearchOptions
from nmt.errors import InputError
from nmt.translation import Segment, Token, Translation, Word

WORDS = {"a": "ein", "dog": "Hund", "runs": "läuft", "on": "am", "the": "dem", "beach.": "Strand."}
MOST_WORDS = 200


class Pair(NamedTuple):
    source: str
    target: str


class FakeTranslator:
    """Understands `WORDS`, copies the rest; the i-th alternative has i more exclamation marks.

    `texts` and `calls` are what it was asked for. Translating sets `entered`, waits for `gate` where there is one, and
    raises `failure` where there is one; warming up does none of this.
    """

    name = "fake"

    def __init__(
        self,
        pairs: Sequence[tuple[str, str]] = (("en", "de"), ("de", "en")),
        *,
        attention: bool = True,
        gate: Event | None = None,
        failure: Exception | None = None,
    ) -> None:
        self.directions = tuple(Pair(*pair) for pair in pairs)
        self.texts: list[str] = []
        self.calls: list[tuple[str | None, str, SearchOptions]] = []
        self.entered = Event()
        self._attention, self.gate, self._failure = attention, gate, failure

    def translate_batch(
        self, texts: Sequence[str], *, source: str | None = None, target: str, options: SearchOptions | None = None
    ) -> list[Translation]:
        if options is not None:
            self.calls.append((source, target, options))
            self.texts += texts
            self._pass_gate()
        return [self._translation(text, options or SearchOptions()) for text in texts]

    def _pass_gate(self) -> None:
        self.entered.set()
        if self.gate is not None:
            self.gate.wait()
        if self._failure is not None:
            raise self._failure

    def _translation(self, text: str, options: SearchOptions) -> Translation:
        if not any(character.isalnum() for character in text):
            return Translation(text, ())
        if len(text.split()) > MOST_WORDS:
            raise InputError(f"the text has more than {MOST_WORDS} words")
        best, *others = (segmented(text, rank, self._attention) for rank in range(options.n_best))
        return Translation(best.text, best.segments, tuple(others))


def segmented(text: str, rank: int, attention: bool) -> Translation:
    """The translation of `text` that stands at `rank`, as one segment."""
    source = [(match.group(), match.start(), match.end()) for match in re.finditer(r"\S+", text)]
    target, at = [], source[0][1]
    for word, _, _ in source:
        translated = WORDS.get(word.lower(), word)
        target.append((translated, at, at + len(translated)))
        at += len(translated) + 1
    last, start, end = target[-1]
    target[-1] = (last + "!" * rank, start, end + rank)
    output = text[: source[0][1]] + " ".join(word for word, _, _ in target) + text[source[-1][2] :]
    source_tokens, source_words = pieces(source, first=[Token("<2xx>", source[0][1], source[0][1], special=True)])
    target_tokens, target_words = pieces(target, first=[])
    weights_TS = near_diagonal(len(target_tokens), len(source_tokens)) if attention else None
    words = None if weights_TS is None else folded(weights_TS, target_words, source_words)
    scores = tuple(-0.1 * (rank + 1) for _ in target_tokens)
    segment = Segment(
        source_start=source[0][1], source_end=source[-1][2], target_start=target[0][1], target_end=target[-1][2],
        source_tokens=source_tokens, target_tokens=target_tokens, token_log_probabilities=scores,
        log_probability=sum(scores), rank_score=sum(scores) / len(scores), attention_TS=weights_TS,
        source_words=source_words, target_words=target_words, word_attention=words,
        links=tuple((i, i) for i in range(len(source))) if attention else (),
        warnings=("repetition",) if "again again" in text else (),
    )  # fmt: skip
    return Translation(output, (segment,))


def pieces(words: list[tuple[str, int, int]], first: list[Token]) -> tuple[tuple[Token, ...], tuple[Word, ...]]:
    """Words of more than four characters as two tokens; the end symbol behind the last."""
    tokens, found = list(first), []
    for text, start, end in words:
        begin, middle = len(tokens), start + 4
        tokens += (
            [Token("▁" + text, start, end)]
            if middle >= end
            else [Token("▁" + text[:4], start, middle), Token(text[4:], middle, end)]
        )
        found.append(Word(text, start, end, begin, len(tokens)))
    end = words[-1][2]
    return (*tokens, Token("</s>", end, end, special=True)), tuple(found)


def near_diagonal(rows: int, columns: int) -> np.ndarray:
    place_T, place_S = np.linspace(0, 1, rows)[:, None], np.linspace(0, 1, columns)[None, :]
    weights_TS = np.exp(-(((place_T - place_S) * 9) ** 2))
    return (weights_TS / weights_TS.sum(1, keepdims=True)).astype(np.float32)


def folded(weights_TS: np.ndarray, target: tuple[Word, ...], source: tuple[Word, ...]) -> np.ndarray:
    rows = [weights_TS[word.first_token : word.last_token].mean(0) for word in target]
    return np.array(
        [[row[word.first_token : word.last_token].sum() for word in source] for row in rows], dtype=np.float32
    )
