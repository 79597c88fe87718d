"""Chunks of pairs cleaned and tokenized, in this process or in several; what comes out is the same."""

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from nmt.direction import Direction
from nmt.identification.identifier import LanguageIdentifier
from nmt.tokenizer import SentencePieceTokenizer
from training.config import CleaningConfig
from training.encoding import KEPT, Chunk, EncodedChunk, Pair, encode
from training.preparation.cleaning import Cleaner
from training.preparation.duplicates import Hashes, hash_pairs
from training.workers import Workers, workers

AHEAD = 3  # chunks that wait for each process


@dataclass(frozen=True)
class Recipe:
    """What a worker is made from, in any process."""

    tokenizer: bytes
    languages: tuple[str, str]
    directions: tuple[Direction, ...]
    max_length: int
    cleaning: CleaningConfig
    held_out: frozenset[Pair]


@dataclass(frozen=True)
class Outcome:
    """A chunk and what became of it; `hashes` of the pairs that are kept so far."""

    chunk: Chunk
    encoded: EncodedChunk
    hashes: Hashes


class Worker:
    """Cleans and tokenizes pairs of two languages."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._tokenizer = SentencePieceTokenizer(recipe.tokenizer)
        identifier = LanguageIdentifier.load() if recipe.cleaning.language_confidence < 1 else None
        self._cleaner = Cleaner(recipe.languages, recipe.cleaning, identifier, recipe.held_out)

    def __call__(self, chunk: Chunk) -> Outcome:
        recipe = self._recipe
        encoded = encode(
            self._tokenizer, chunk,
            max_length=recipe.max_length, max_ratio=recipe.cleaning.max_length_ratio, judge=self._cleaner.judge,
        )  # fmt: skip
        kept = [chunk.pairs[place] for place in np.flatnonzero(encoded.verdicts == KEPT).tolist()]
        hashed = kept if recipe.cleaning.duplicates else []
        return Outcome(chunk, encoded, hash_pairs(recipe.languages, recipe.directions, hashed))


@contextmanager
def outcomes(recipe: Recipe, chunks: Iterable[Chunk], processes: int) -> Iterator[Iterator[Outcome]]:
    """What becomes of each chunk, in their order; `processes` of 1 is this one.

    Few chunks are held at a time. Raises DataError where a process is ended from outside.
    """
    if processes == 1:
        yield map(Worker(recipe), chunks)
        return
    with workers(processes, _begin, recipe, option="--processes") as pool:
        yield _in_order(pool, iter(chunks), AHEAD * processes)


def _in_order(pool: Workers, chunks: Iterator[Chunk], most: int) -> Iterator[Outcome]:
    waiting: deque[Future[Outcome]] = deque(pool.submit(_work, chunk) for chunk in itertools.islice(chunks, most))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(_work, chunk) for chunk in itertools.islice(chunks, 1))


_worker: Worker | None = None


def _begin(recipe: Recipe) -> None:
    global _worker
    _worker = Worker(recipe)


def _work(chunk: Chunk) -> Outcome:
    assert _worker is not None
    return _worker(chunk)
