"""Parallel text as sub-word ids in flat arrays, and batches cut from them."""

# N examples, B examples of a batch, S source tokens, T target tokens

import itertools
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nmt.batch import Batch
from nmt.errors import ConfigError, DataError
from nmt.lines import read_parallel
from nmt.tokenizer import Tokenizer
from nmt.vocabulary import BOS, EOS, PAD, language_tag
from training.alignment import Side
from training.config import DataConfig

CHUNK_LINES = 10_000
NO_TAG = -1


@dataclass(frozen=True)
class TrainingBatch:
    """Sources, and their targets twice: as the decoder reads them (BOS first) and as it must answer (EOS last).

    Both are PAD behind the last token. `target_tokens` counts the real ones; `describe()` says where they come from.
    `links_BT`, where there are some, says which source token each target token of `target_out_BT` translates (UNLINKED:
    none is known).
    """

    source: Batch
    target_in_BT: Tensor
    target_out_BT: Tensor
    target_tokens: int
    describe: Callable[[], str] = str
    links_BT: Tensor | None = None

    @property
    def target_mask_BT(self) -> Tensor:
        """True where a real target token stands."""
        return self.target_out_BT != PAD

    def twice(self) -> Self:
        """Every example again, behind the last one."""
        source = Batch(_doubled(self.source.tokens_BS), _doubled(self.source.lengths_B))
        targets = _doubled(self.target_in_BT), _doubled(self.target_out_BT)
        links_BT = None if self.links_BT is None else _doubled(self.links_BT)
        return type(self)(source, *targets, 2 * self.target_tokens, self.describe, links_BT)

    def to(self, device: torch.device | str) -> Self:
        targets = self.target_in_BT.to(device), self.target_out_BT.to(device)
        links_BT = None if self.links_BT is None else self.links_BT.to(device)
        return type(self)(self.source.to(device), *targets, self.target_tokens, self.describe, links_BT)


@dataclass(frozen=True)
class TokenizedLines:
    """The pieces of line i: `ids[starts[i] : starts[i] + lengths[i]]`; EOS stands behind each line, not counted."""

    ids: NDArray[np.int32]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int32]


class Stretch(NamedTuple):
    """Examples from `first` on that come from one corpus in one direction."""

    first: int
    name: str


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
    """Examples of all corpora in all directions. A source is `[tag] pieces EOS`, a target `pieces EOS`.

    `source_lengths` and `target_lengths` (N) count all of these tokens.
    """

    def __init__(
        self,
        lines: TokenizedLines,
        source_lines: NDArray[np.int64],
        target_lines: NDArray[np.int64],
        tags: NDArray[np.int32],
        stretches: Sequence[Stretch],
        line_numbers: NDArray[np.int32],
    ) -> None:
        self._ids, self._tags = lines.ids, tags
        self._source_starts, self._target_starts = lines.starts[source_lines], lines.starts[target_lines]
        self.source_lengths: NDArray[np.int32] = lines.lengths[source_lines] + (tags != NO_TAG) + np.int32(1)
        self.target_lengths: NDArray[np.int32] = lines.lengths[target_lines] + np.int32(1)
        self._stretches, self._line_numbers = stretches, line_numbers

    def __len__(self) -> int:
        return len(self._tags)

    def batch(self, indices: NDArray[np.int64]) -> TrainingBatch:
        """The examples of these numbers, at least one, as one padded batch."""
        tags_B, lengths_B = self._tags[indices], self.source_lengths[indices]
        tagged_B = tags_B != NO_TAG
        source_BS = self._gather(self._source_starts[indices] - tagged_B, lengths_B)
        source_BS[:, 0] = np.where(tagged_B, tags_B, source_BS[:, 0])
        target_lengths_B = self.target_lengths[indices]
        out_BT = self._gather(self._target_starts[indices], target_lengths_B)
        in_BT = np.empty_like(out_BT)
        in_BT[:, 0], in_BT[:, 1:] = BOS, np.where(out_BT[:, 1:] == PAD, PAD, out_BT[:, :-1])
        source = Batch(torch.from_numpy(source_BS), torch.from_numpy(lengths_B.astype(np.int64)))
        targets = torch.from_numpy(in_BT), torch.from_numpy(out_BT)
        return TrainingBatch(source, *targets, int(target_lengths_B.sum()), partial(self.describe, indices))

    def sides(self) -> tuple[Side, Side]:
        """The pieces of sources and targets, without tags and EOS."""
        source_lengths = self.source_lengths - (self._tags != NO_TAG) - 1
        return (
            Side(self._ids, self._source_starts, source_lengths),
            Side(self._ids, self._target_starts, self.target_lengths - 1),
        )

    def fingerprint(self) -> int:
        """A number that other texts, another tokenizer or other directions would most likely change."""
        crc = zlib.crc32(self._ids.tobytes())
        for numbers in (self._source_starts, self._target_starts, self._tags):
            crc = zlib.crc32(numbers.tobytes(), crc)
        return crc

    def describe(self, indices: NDArray[np.int64]) -> str:
        """Where examples come from: `lines 3, 17 of data.train[0] en-de; ...`."""
        firsts = [stretch.first for stretch in self._stretches]
        stretch_of = np.searchsorted(firsts, indices, side="right") - 1
        parts = []
        for number in np.unique(stretch_of):
            lines = np.sort(self._line_numbers[indices[stretch_of == number]])
            parts.append(f"lines {', '.join(map(str, lines))} of {self._stretches[number].name}")
        return "; ".join(parts)

    def _gather(self, starts_B: NDArray[np.int64], lengths_B: NDArray[np.int32]) -> NDArray[np.int64]:
        """Rows `ids[start : start + length]`, PAD behind."""
        places_S = np.arange(lengths_B.max())
        tokens_BS = self._ids.take(starts_B[:, None] + places_S, mode="clip").astype(np.int64)
        tokens_BS[places_S >= lengths_B[:, None]] = PAD
        return tokens_BS


def _doubled(rows: Tensor) -> Tensor:
    return torch.cat([rows, rows])


def load_corpus(
    data: DataConfig,
    tables: Sequence[Mapping[str, Path]],
    tokenizer: Tokenizer,
    *,
    most: int = 0,
    key: str = "data.train",
) -> tuple[ParallelCorpus, CorpusReport]:
    """Read and tokenize corpora, each a table language -> file, for every direction of `data` that they have.

    Of each corpus the first `most` lines are used (0: all). Pairs with an empty side, or with more than
    `data.max_length` pieces on one, are left out and counted in the report. Raises DataError, naming the file and the
    `key` it was given by, for a file that can't be read, is not UTF-8, or has another number of lines than its partner,
    and where no pair is left; ConfigError for a tokenizer without the tags that several target languages need.
    """
    tags = _target_tags(data, tokenizer)
    builder = _Builder(tokenizer, data.max_length)
    for index, files in enumerate(tables):
        name = f"{key}[{index}]" if key == "data.train" else key
        pairs = [pair for pair in data.language_pairs if files.keys() >= set(pair)]
        languages = sorted({language for pair in pairs for language in pair})
        lines = {language: files[language] for language in languages}
        rows = builder.read(name, lines, most)
        for source, target in pairs:
            builder.add(f"{name} {source}-{target}", rows[source], rows[target], tags[target])
    report = builder.report()
    if report.examples == 0:
        raise DataError(f"{key} leaves nothing to learn from: {report}")
    return builder.corpus(), report


class _Builder:
    """Collects lines and examples in growing arrays."""

    def __init__(self, tokenizer: Tokenizer, max_length: int) -> None:
        self.tokenizer, self.max_length = tokenizer, max_length
        self.ids, self.lengths = array("i"), array("i")
        self.sources: list[NDArray[np.int64]] = []
        self.targets: list[NDArray[np.int64]] = []
        self.tags: list[NDArray[np.int32]] = []
        self.line_numbers: list[NDArray[np.int32]] = []
        self.stretches: list[Stretch] = []
        self.skipped: dict[frozenset[int], tuple[int, int, int]] = {}
        self.examples = 0

    def read(self, name: str, files: Mapping[str, Path], most: int) -> dict[str, NDArray[np.int64]]:
        """Tokenize the lines of all files; language -> the number of each of its lines in this builder."""
        rows: dict[str, list[NDArray[np.int64]]] = {language: [] for language in files}
        for chunk in _chunks(_checked_lines(name, files), most):
            for language, lines in zip(files, zip(*chunk, strict=True), strict=True):
                rows[language].append(self._tokenize(lines))
        nothing = np.empty(0, np.int64)
        return {language: np.concatenate([nothing, *parts]) for language, parts in rows.items()}

    def _tokenize(self, lines: Sequence[str]) -> NDArray[np.int64]:
        first = len(self.lengths)
        for ids in self.tokenizer.encode_lines([line if line.strip() else "" for line in lines]):
            self.lengths.append(len(ids))
            self.ids.extend(ids)
            self.ids.append(EOS)
        return np.arange(first, len(self.lengths))

    def add(self, name: str, sources: NDArray[np.int64], targets: NDArray[np.int64], tag: int | None) -> None:
        """Make an example of each pair of lines that is neither empty nor too long."""
        lengths = np.frombuffer(self.lengths, np.int32) if self.lengths else np.empty(0, np.int32)
        source_lengths, target_lengths = lengths[sources], lengths[targets]
        empty = (source_lengths == 0) | (target_lengths == 0)
        too_long = ~empty & (np.maximum(source_lengths, target_lengths) > self.max_length)
        kept = np.flatnonzero(~(empty | too_long))
        if len(sources):
            both = frozenset((int(sources[0]), int(targets[0])))
            self.skipped[both] = len(sources), int(empty.sum()), int(too_long.sum())
        self.stretches.append(Stretch(self.examples, name))
        self.sources.append(sources[kept])
        self.targets.append(targets[kept])
        self.tags.append(np.full(len(kept), NO_TAG if tag is None else tag, np.int32))
        self.line_numbers.append((kept + 1).astype(np.int32))
        self.examples += len(kept)

    def report(self) -> CorpusReport:
        """Both directions of one pair of files count its lines once."""
        pairs, empty, too_long = (sum(counts) for counts in zip((0, 0, 0), *self.skipped.values(), strict=True))
        return CorpusReport(pairs, self.examples, empty, too_long, self.max_length)

    def corpus(self) -> ParallelCorpus:
        ids, lengths = np.frombuffer(self.ids, np.int32), np.frombuffer(self.lengths, np.int32)
        starts = np.zeros(len(lengths), np.int64)
        np.cumsum(lengths[:-1] + 1, out=starts[1:])
        return ParallelCorpus(
            TokenizedLines(ids, starts, lengths),
            np.concatenate(self.sources),
            np.concatenate(self.targets),
            np.concatenate(self.tags),
            self.stretches,
            np.concatenate(self.line_numbers),
        )


def _checked_lines(name: str, files: Mapping[str, Path]) -> Iterator[tuple[str, ...]]:
    """Lines of all files together; an error also names the key that the files were given by."""
    try:
        yield from read_parallel(list(files.values()))
    except DataError as error:
        guilty = [language for language, path in files.items() if str(path) in str(error)]
        where = f"{name}.{guilty[0]}" if len(guilty) == 1 else name
        raise DataError(f"{error} (given by {where}, in data.folder)") from None


def _chunks(lines: Iterator[tuple[str, ...]], most: int) -> Iterator[list[tuple[str, ...]]]:
    wanted = itertools.islice(lines, most or None)
    while chunk := list(itertools.islice(wanted, CHUNK_LINES)):
        yield chunk


def _target_tags(data: DataConfig, tokenizer: Tokenizer) -> dict[str, int | None]:
    """The id of each target language's tag, None where the tokenizer has none and none is needed."""
    tags = {target: tokenizer.id_of(language_tag(target)) for target in data.target_languages}
    missing = [language_tag(target) for target, tag in tags.items() if tag is None]
    if missing and len(tags) > 1:
        allowed = f"a tokenizer with the symbols {', '.join(missing)}: they tell several target languages apart"
        raise ConfigError("data.tokenizer", data.tokenizer, allowed)
    return tags
