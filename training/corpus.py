"""Parallel corpora as numbered examples of all directions, in memory or mapped from prepared shards."""

# N examples

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from nmt.direction import Direction
from nmt.errors import DataError
from nmt.tokenizer import Tokenizer
from training.batch import Example, TrainingBatch, pad
from training.config import DataConfig
from training.corpus_files import CorpusFiles
from training.encoding import RULES, chunks, encode
from training.pairs import Indices, Pairs, grouped
from training.shard import ShardBuilder
from training.vocabulary import LanguagePair, language_pairs, target_tags


@dataclass(frozen=True)
class DirectedCorpus:
    """The pairs of one corpus, `key`, in one direction; `swapped` where its source is their second side, `synthetic`
    where no person has written the sources."""

    key: str
    direction: Direction
    pairs: Pairs
    swapped: bool
    tag: int | None
    weight: float = 1.0
    synthetic: bool = False

    @property
    def name(self) -> str:
        return f"{self.key} {self.direction}"


@dataclass(frozen=True)
class CorpusReport:
    """What was read: line pairs of two languages, those left out, and the examples made of the rest."""

    pairs: int
    examples: int
    empty: int
    too_long: int
    max_length: int

    def __str__(self) -> str:
        text = f"{self.pairs:,} pairs read, {self.examples:,} examples"
        if self.empty:
            text += f"; skipped for an empty side: {self.empty:,}"
        if self.too_long:
            text += f"; skipped as longer than {self.max_length} pieces (data.max_length): {self.too_long:,}"
        return text


class ParallelCorpus:
    """Examples of all corpora in all directions, numbered through. A source is `[tag] pieces EOS`, a target
    `pieces EOS`."""

    def __init__(self, directed: Sequence[DirectedCorpus]) -> None:
        self.directed = directed
        self._ends = np.cumsum([len(one.pairs) for one in directed], dtype=np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1])

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """The number of examples of each corpus in each direction."""
        return tuple(len(one.pairs) for one in self.directed)

    @property
    def weights(self) -> tuple[float, ...]:
        """How often those of each are wanted, compared with those of weight 1."""
        return tuple(one.weight for one in self.directed)

    def unused(self) -> Iterator[str]:
        """For each corpus and direction without examples, a sentence that says so."""
        for one in self.directed:
            if not len(one.pairs):
                yield f"{one.key}: no pair is left in the direction {one.direction}"

    def lengths(self, indices: Indices) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Tokens of the sources and of the targets of these examples, tag and EOS included."""
        lengths = np.empty((2, len(indices)), np.int64)
        for one, places, numbers in self._located(indices):
            first, second = one.pairs.lengths(numbers).T + 1
            source, target = (second, first) if one.swapped else (first, second)
            lengths[0, places], lengths[1, places] = source + (one.tag is not None), target
        return lengths[0], lengths[1]

    def examples(self, indices: Indices) -> list[Example]:
        """The examples of these numbers as pieces; views of the corpus, which are not to be written to."""
        found: list[Example | None] = [None] * len(indices)
        for one, places, numbers in self._located(indices):
            pieces = one.pairs.pieces(numbers)
            for place, (first, second) in zip(places.tolist(), pieces, strict=True):
                source, target = (second, first) if one.swapped else (first, second)
                found[place] = Example(source, target, one.tag)
        return [example for example in found if example is not None]

    def batch(self, indices: Indices) -> TrainingBatch:
        """The examples of these numbers, at least one, as one padded batch."""
        return pad(self.examples(indices), partial(self.describe, indices))

    def fingerprint(self) -> int:
        """A number that other texts, another tokenizer or other directions would most likely change."""
        parts = [(s.pairs.checksum, len(s.pairs), s.swapped, s.tag) for s in self.directed]
        return zlib.crc32(repr(parts).encode())

    def describe(self, indices: Indices) -> str:
        """Where examples come from: `lines 3, 17 of data.train[0] en-de; ...`."""
        parts = []
        for one, _, numbers in self._located(indices):
            lines = np.sort(one.pairs.line_numbers(numbers))
            parts.append(f"lines {', '.join(map(str, lines))} of {one.name}")
        return "; ".join(parts)

    def _located(self, indices: Indices) -> list[tuple[DirectedCorpus, NDArray[np.intp], Indices]]:
        """For each corpus that has any of them: where in `indices` they stand, and their numbers in it."""
        found = []
        for index, places in grouped(np.searchsorted(self._ends, indices, side="right")):
            numbers = indices[places] - (int(self._ends[index]) - self.sizes[index])
            found.append((self.directed[index], places, numbers))
        return found


def load_corpus(
    data: DataConfig, corpora: Sequence[CorpusFiles], tokenizer: Tokenizer, *, most: int = 0
) -> tuple[ParallelCorpus, CorpusReport]:
    """Read and tokenize corpora into memory, for every direction of `data` that they have.

    Of each corpus the first `most` lines are used (0: all). Pairs with an empty side, or with more than
    `data.max_length` pieces on one, are left out and counted in the report. Raises DataError, naming the file and its
    key, for a file that can't be read, is not UTF-8, or has another number of lines than its partner, and where no pair
    is left in a direction; ConfigError for a tokenizer without the tags that several target languages need.
    """
    tags = target_tags(data, tokenizer)
    directed: list[DirectedCorpus] = []
    verdicts = [np.empty(0, np.int8)]
    for corpus in corpora:
        read = {}
        for languages in language_pairs(data, corpus):
            builder, shards = ShardBuilder(), []
            for chunk in chunks(corpus.lines(languages), most=most):
                encoded = encode(tokenizer, chunk, max_length=data.max_length)
                shards += builder.add(encoded.kept)
                verdicts.append(encoded.verdicts)
            shards += builder.finish()
            read[languages] = Pairs(shards, [shard.checksum() for shard in shards])
        directed += directed_corpora(data, corpus, read, tags)
    verdict_N = np.concatenate(verdicts)
    empty, too_long = (int((verdict_N == RULES.index(rule)).sum()) for rule in ("empty", "too_long"))
    found = ParallelCorpus(directed)
    report = CorpusReport(len(verdict_N), len(found), empty, too_long, data.max_length)
    check_directions(directed, str(report))
    return found, report


def check_directions(directed: Sequence[DirectedCorpus], report: str) -> None:
    """Raises DataError, naming the direction and its files' keys, for one that has no examples."""
    for direction in dict.fromkeys(one.direction for one in directed):
        own = [one for one in directed if one.direction == direction]
        if not any(len(one.pairs) for one in own):
            keys = ", ".join(one.key for one in own)
            raise DataError(f"{keys}: no pair is left in the direction {direction}: {report}")


def directed_corpora(
    data: DataConfig, corpus: CorpusFiles, read: Mapping[LanguagePair, Pairs], tags: Mapping[str, int | None]
) -> Iterator[DirectedCorpus]:
    """What was read of `corpus`, pair of languages by pair of languages, in every direction that `data` asks for."""
    for source, target in data.language_pairs:
        swapped = source > target
        languages = (target, source) if swapped else (source, target)
        if corpus.serves(source, target):
            direction, synthetic = Direction(source, target), corpus.synthetic == source
            weight = corpus.weight * data.direction_weights.get(str(direction), 1.0)
            yield DirectedCorpus(corpus.key, direction, read[languages], swapped, tags[target], weight, synthetic)
