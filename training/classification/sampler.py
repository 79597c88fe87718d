"""Which texts, in which form, make up which batch: a pure function of (seed, pool), so training can go on anywhere."""

# N texts of a pool, B texts of a batch, S pieces

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nmt.batch import Batch
from nmt.identification.config import ClassifierConfig
from nmt.identification.text import TextReader
from training.classification.config import LabelledDataConfig
from training.classification.corpus import LabelledTexts
from training.classification.splitting import PieceSplitter
from training.classification.variation import DRAWS, vary

POOL = 8192
QUOTED = 3


@dataclass(frozen=True)
class LabelledBatch:
    """Texts and the number of each one's label; `describe()` quotes some of them."""

    texts: Batch
    labels_B: Tensor
    describe: Callable[[], str] = str

    @property
    def target_tokens(self) -> int:
        """A text has one: its label."""
        return len(self.texts)

    def share(self, rank: int, size: int) -> Self | None:
        """What falls to process `rank` of `size`: every size-th text; None where that is none."""
        lengths_B = self.texts.lengths_B[rank::size]
        if not len(lengths_B):
            return None
        texts = Batch(self.texts.tokens_BS[rank::size, : int(lengths_B.max())], lengths_B)
        return type(self)(texts, self.labels_B[rank::size], self.describe)

    def to(self, device: torch.device | str) -> Self:
        return type(self)(self.texts.to(device), self.labels_B.to(device), self.describe)


def draw(texts: LabelledTexts, data: LabelledDataConfig, seed: list[int], count: int) -> Iterator[tuple[int, str]]:
    """`count` random texts with the number of their labels: tempered, cut and varied as `data` says."""
    uniform = _uniform(seed, count, 3 + DRAWS)
    by_label = list(texts.texts.values())
    words = texts.words if data.rare_words else by_label
    weights = np.array([len(some) for some in by_label], float) ** data.temper
    labels = np.searchsorted(weights.cumsum() / weights.sum(), uniform[:, 0], side="right")
    for label, (_, kind, which, *draws) in zip(
        np.minimum(labels, len(by_label) - 1).tolist(), uniform.tolist(), strict=True
    ):
        some = (kind < data.rare_words and words[label]) or by_label[label]
        yield label, vary(some[int(which * len(some))], data, draws)


def draw_each(
    texts: LabelledTexts, data: LabelledDataConfig, labels: Sequence[str], seed: int
) -> Iterator[tuple[int, str]]:
    """Each text once, with its label's number among `labels`; cut and varied as `data` says."""
    uniform = _uniform([seed], len(texts), DRAWS)
    pairs = ((labels.index(label), text) for label, some in texts.texts.items() for text in some)
    for (label, text), draws in zip(pairs, uniform.tolist(), strict=True):
        yield label, vary(text, data, draws)


def cut_batches(
    drawn: Iterable[tuple[int, str]], read: Callable[[Sequence[str]], list[list[int]]], batch_tokens: int
) -> Iterator[LabelledBatch]:
    """Batches of texts of similar length, shortest first: rows x (longest + 1) is at most `batch_tokens`, or one row.

    A text counts with its pieces, as `read` gives them, and its label as one more.
    """
    labels, texts = zip(*drawn, strict=True)
    ids = read(texts)
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
    start = 0
    for place in range(1, len(order) + 1):
        if place == len(order) or (place + 1 - start) * (len(ids[order[place]]) + 1) > batch_tokens:
            rows = order[start:place]
            describe = partial(_quoted, [texts[row] for row in rows])
            yield LabelledBatch(
                Batch.of([ids[row] for row in rows]), torch.tensor([labels[row] for row in rows]), describe
            )
            start = place


class TextSampler(Iterator[LabelledBatch]):
    """Batches for ever. They are drawn in pools, so that texts of similar length come together."""

    def __init__(
        self,
        texts: LabelledTexts,
        data: LabelledDataConfig,
        tokenizer: TextReader,
        shape: ClassifierConfig,
        *,
        batch_tokens: int,
        seed: int,
    ) -> None:
        self._texts, self._data, self._tokenizer, self._shape = texts, data, tokenizer, shape
        self._batch_tokens, self._seed = batch_tokens, seed
        self._splitter = PieceSplitter(tokenizer, data.split_pieces)
        self._pool = self._position = 0
        self._batches: list[LabelledBatch] | None = None

    def __next__(self) -> LabelledBatch:
        if self._batches is None:
            self._batches = self.pool(self._pool)
        if self._position == len(self._batches):
            self._pool, self._position = self._pool + 1, 0
            self._batches = self.pool(self._pool)
        self._position += 1
        return self._batches[self._position - 1]

    @property
    def epochs(self) -> float:
        """How often as many texts as there are have been drawn; within a pool, as the share of its batches."""
        share = self._position / len(self._batches) if self._batches else 0.0
        return (self._pool + share) * POOL / len(self._texts)

    def pool(self, number: int) -> list[LabelledBatch]:
        """The batches of one pool, in the order of training."""
        drawn = draw(self._texts, self._data, [self._seed, number], POOL)

        def read(texts: Sequence[str]) -> list[list[int]]:
            ids = [self._tokenizer.read(text, self._shape) for text in texts]
            return [some[: self._shape.max_pieces] for some in self._splitter.split(ids, [self._seed, number, 2])]

        batches = list(cut_batches(drawn, read, self._batch_tokens))
        shuffled = np.argsort(np.random.PCG64([self._seed, number, 1]).random_raw(len(batches)), kind="stable")
        return [batches[index] for index in shuffled]

    def state(self) -> dict[str, int]:
        """The place of the next batch: pool, batches of it already given."""
        return {"pool": self._pool, "position": self._position}

    def restore(self, state: dict[str, int]) -> None:
        """Go on from `state()`."""
        self._pool, self._position, self._batches = state["pool"], state["position"], self.pool(state["pool"])


def _uniform(seed: list[int], rows: int, columns: int) -> NDArray[np.float64]:
    """Numbers in [0, 1)."""
    raw = np.random.PCG64(seed).random_raw(rows * columns)
    return ((raw >> np.uint64(11)) * np.float64(2.0**-53)).reshape(rows, columns)


def _quoted(texts: Sequence[str]) -> str:
    return ", ".join(map(repr, texts[:QUOTED])) + (f" and {len(texts) - QUOTED} more" if len(texts) > QUOTED else "")
