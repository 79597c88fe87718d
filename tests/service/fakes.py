"""A translator without a model: one target word for each source word, attention near the diagonal.

It is decoded by the real search, against a scorer that knows no network.
"""

import os
import re
import signal
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import NamedTuple

import numpy as np
import torch

from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.errors import InputError
from nmt.search import Hypothesis, Term
from nmt.search.scorer import Bans, Top
from nmt.text.options import TextOptions
from nmt.translation import Segment, Token, Translation, Word
from nmt.vocabulary import EOS
from service.warming import WARM_UP_TEXT

WORDS = {"a": "ein", "dog": "Hund", "runs": "läuft", "on": "am", "the": "dem", "beach.": "Strand."}
MOST_WORDS = 200
EXCLAMATION = 4
PLAIN = TextOptions()
Ids = tuple[int, ...]


class Lexicon:
    """Words and their ids, made up as they come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[str, int] = {"!": EXCLAMATION}
        self._words: dict[int, str] = {EXCLAMATION: "!"}

    def id_of(self, word: str) -> int:
        with self._lock:
            number = self._ids.setdefault(word, len(self._ids) + EXCLAMATION)
            self._words[number] = word
            return number

    def word(self, number: int) -> str:
        return self._words[number]


@dataclass(frozen=True)
class FakeState:
    """Of each row: its source ids, and how many tokens have been said."""

    rows: tuple[tuple[Ids, int], ...]

    def select(self, rows_N: torch.Tensor) -> "FakeState":
        return FakeState(tuple(self.rows[row] for row in rows_N.tolist()))

    def concat(self, other: "FakeState") -> "FakeState":
        return FakeState(self.rows + other.rows)


class FakeScorer:
    """Says a source's words in order, then the end, or with some probability an exclamation mark before it."""

    def __init__(self, translator: "FakeTranslator") -> None:
        self._translator = translator
        self.batches: list[int] = []

    def start(self, batch: Batch) -> FakeState:
        pairs = zip(batch.tokens_BS.tolist(), batch.lengths_B.tolist(), strict=True)
        return FakeState(tuple((tuple(row[: length - 1]), 0) for row, length in pairs))

    def top(self, state: FakeState, tokens_N: torch.Tensor, k: int, bans: Bans | None = None) -> Top[FakeState]:
        self._translator.pass_gate([source for source, _ in state.rows])
        self.batches.append(len(state.rows))
        count = min(k, 2)
        tokens_NK = np.full((len(state.rows), count), EOS)
        logs_NK = np.full((len(state.rows), count), -np.inf, dtype=np.float32)
        forced = [-1] * len(state.rows) if bans is None or bans.forced_N is None else bans.forced_N.tolist()
        for row, (source, said) in enumerate(state.rows):
            choices = [(source[said], 0.0)] if said < len(source) else [(EOS, -0.3), (EXCLAMATION, -1.4)]
            if forced[row] >= 0:
                choices = [(forced[row], 0.0)]
            for rank, (token, log) in enumerate(choices[:count]):
                tokens_NK[row, rank], logs_NK[row, rank] = token, log
        moved = FakeState(tuple((source, said + 1) for source, said in state.rows))
        return Top(torch.from_numpy(tokens_NK), torch.from_numpy(logs_NK), None, moved)


class FakePassage(NamedTuple):
    ids: Ids
    start: int
    end: int
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True)
class FakeDraft:
    """A text whose paragraphs are its passages."""

    text: str
    passages: tuple[FakePassage, ...]
    options: SearchOptions
    translator: "FakeTranslator"

    def second_try(self, index: int, found: Sequence[Hypothesis]) -> SearchOptions | None:
        passage = self.passages[index]
        loops = "loops" in self.text[passage.start : passage.end]
        return SearchOptions(beam_size=1, no_repeat_ngram=3) if loops and not self.options.no_repeat_ngram else None

    def better(self, first: Sequence[Hypothesis], second: Sequence[Hypothesis]) -> Sequence[Hypothesis]:
        return second

    def segment_text(self, index: int, tokens: Sequence[int]) -> str:
        words = [WORDS.get(word.lower(), word) for word in map(self.translator.lexicon.word, _said(tokens))]
        return " ".join(words)

    def finish(self, found: Sequence[Sequence[Hypothesis]]) -> Translation:
        if self.text != WARM_UP_TEXT:
            self.translator.finished.append(self.text)
        if not self.passages:
            return Translation(self.text, ())
        count = max(map(len, found))
        best, *others = (self._ranked(found, rank) for rank in range(count))
        return Translation(best.text, best.segments, tuple(others))

    def _ranked(self, found: Sequence[Sequence[Hypothesis]], rank: int) -> Translation:
        output, done, segments = "", 0, []
        for passage, hypotheses in zip(self.passages, found, strict=True):
            output += self.text[done : passage.start]
            marks = hypotheses[min(rank, len(hypotheses) - 1)].tokens.count(EXCLAMATION)
            segment, said = segmented(self.text, passage, len(output), marks, self.translator.attention)
            segments.append(segment)
            output, done = output + said, passage.end
        return Translation(output + self.text[done:], tuple(segments))


class FakeTranslator:
    """Understands `WORDS`, copies the rest; the i-th alternative has i more exclamation marks.

    `texts` and `calls` are what it was asked for, `finished` what was put together again. Decoding sets `entered`,
    waits for `gate` where there is one, and raises `failure` where there is one; warming up does none of this.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[str, str]] = (("en", "de"), ("de", "en")),
        *,
        name: str = "fake",
        attention: bool = True,
        gate: Event | None = None,
        failure: Exception | None = None,
    ) -> None:
        self.name, self.directions = name, tuple(Direction(*pair) for pair in pairs)
        self.attention, self.gate, self._failure = attention, gate, failure
        self.lexicon, self.scorer, self.entered = Lexicon(), FakeScorer(self), Event()
        self.texts: list[str] = []
        self.finished: list[str] = []
        self.calls: list[tuple[Direction, SearchOptions, TextOptions]] = []
        self.warm_ups = 0

    def draft(
        self,
        text: str,
        direction: Direction,
        options: SearchOptions = SearchOptions(),
        text_options: TextOptions = PLAIN,
    ) -> FakeDraft:
        if text == WARM_UP_TEXT:
            self.warm_ups += 1
        else:
            self.texts.append(text)
            self.calls.append((direction, options, text_options))
        found = [match.span() for match in re.finditer(r"\S(?:.*\S)?(?:\n(?:.*\S))*", text)]
        spans = [(start, end) for start, end in found if any(map(str.isalnum, text[start:end]))]
        return FakeDraft(text, tuple(self._passage(text, *span) for span in spans), options, self)

    def batch(self, passages: Sequence[FakePassage]) -> Batch:
        return Batch.of([passage.ids for passage in passages])

    def portable(self) -> "FakePortable":
        """In another process it has no gate."""
        return FakePortable(type(self), self._failure)

    def weights(self) -> list[np.ndarray]:
        return []

    def pass_gate(self, sources: Sequence[Ids]) -> None:
        warm_up = tuple(map(self.lexicon.id_of, WARM_UP_TEXT.split()))
        if all(source == warm_up for source in sources):
            return
        self.entered.set()
        if self.gate is not None:
            assert self.gate.wait(30)
        if self._failure is not None:
            raise self._failure

    def _passage(self, text: str, start: int, end: int) -> FakePassage:
        words = text[start:end].split()
        if len(words) > MOST_WORDS:
            raise InputError(f"the text has more than {MOST_WORDS} words")
        return FakePassage((*map(self.lexicon.id_of, words), EOS), start, end)


@dataclass(frozen=True)
class FakePortable:
    """Makes a translator of this kind, which must need nothing more."""

    kind: type[FakeTranslator]
    failure: Exception | None = None

    def empty_weights(self) -> list[np.ndarray]:
        return []

    def unpacked(self, weights: Sequence[np.ndarray]) -> FakeTranslator:
        return self.kind() if self.failure is None else self.kind(failure=self.failure)


class Deadly(FakeTranslator):
    """Kills the other process that it comes to, at the first sentence of one word."""

    def portable(self) -> FakePortable:
        return FakePortable(DeadlyThere)


class DeadlyThere(FakeTranslator):
    def batch(self, passages: Sequence[FakePassage]) -> Batch:
        if any(len(passage.ids) == 2 for passage in passages):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().batch(passages)


class FakeDetection(NamedTuple):
    language: str
    confidence: float


@dataclass
class FakeIdentifier:
    """Looks for a language's name in the text."""

    labels: tuple[str, ...] = ("de", "en", "fr")
    asked: list[str] = field(default_factory=list)

    def identify_batch(
        self, texts: Sequence[str], among: Collection[str] | None = None, *, most: int = 5
    ) -> list[list[FakeDetection]]:
        self.asked += texts
        return [sorted(map(self._sure(text), self.labels), key=lambda one: -one.confidence)[:most] for text in texts]

    def _sure(self, text: str):
        named = [label for label in self.labels if label in text.split()] if any(map(str.isalpha, text)) else []
        others = len(self.labels) - len(named)
        return lambda label: FakeDetection(label, (0.9 if label in named else 0.1 / others) if named else 0.0)


def _said(tokens: Sequence[int]) -> list[int]:
    return [token for token in tokens if token not in (EOS, EXCLAMATION)]


def segmented(text: str, passage: FakePassage, place: int, marks: int, attention: bool) -> tuple[Segment, str]:
    """A passage's segment, its target beginning at `place`, with so many exclamation marks; and the target's text."""
    core = text[passage.start : passage.end]
    source = [(m.group(), passage.start + m.start(), passage.start + m.end()) for m in re.finditer(r"\S+", core)]
    target, at = [], place
    for word, _, _ in source:
        translated = WORDS.get(word.lower(), word)
        target.append((translated, at, at + len(translated)))
        at += len(translated) + 1
    last, start, end = target[-1]
    target[-1] = (last + "!" * marks, start, end + marks)
    source_tokens, source_words = pieces(source, first=[Token("<2xx>", source[0][1], source[0][1], special=True)])
    target_tokens, target_words = pieces(target, first=[])
    weights_TS = near_diagonal(len(target_tokens), len(source_tokens)) if attention else None
    words = None if weights_TS is None else folded(weights_TS, target_words, source_words)
    scores = tuple(-0.1 * (marks + 1) for _ in target_tokens)
    segment = Segment(
        source_start=source[0][1], source_end=source[-1][2], target_start=target[0][1], target_end=target[-1][2],
        source_tokens=source_tokens, target_tokens=target_tokens, token_log_probabilities=scores,
        log_probability=sum(scores), rank_score=sum(scores) / len(scores), attention_TS=weights_TS,
        source_words=source_words, target_words=target_words, word_attention=words,
        links=tuple((i, i) for i in range(len(source))) if attention else (),
        warnings=("repetition",) if "again again" in core else (),
    )  # fmt: skip
    return segment, " ".join(word for word, _, _ in target)


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
