"""Labelled texts from files: read, cleared of test texts, and parted into those learnt from and those held out."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nmt.direction import is_language_code
from nmt.errors import DataError
from nmt.identification.languages import shortest_code
from nmt.identification.text import has_letters
from nmt.lines import read_lines
from training.classification.config import LabelledDataConfig, LabelledFile
from training.classification.variation import stripped


@dataclass(frozen=True)
class LabelledTexts:
    """Texts by label; the labels are in the order of the alphabet, and none of them is without texts."""

    texts: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        return sum(map(len, self.texts.values()))

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.texts)

    @cached_property
    def words(self) -> list[list[str]]:
        """By label, in order: the different words of its texts, between white space and without punctuation."""
        return [
            sorted({word for text in texts for word in map(stripped, text.split()) if has_letters(word)})
            for texts in self.texts.values()
        ]

    def fingerprint(self) -> int:
        """A number that other texts or labels would most likely change."""
        crc = 0
        for label, texts in self.texts.items():
            crc = zlib.crc32("\n".join([label, *texts]).encode(), crc)
        return crc


@dataclass(frozen=True)
class LabelledCorpus:
    """What is learnt from and what is held out, both with the same labels; `report` says how it came about."""

    train: LabelledTexts
    held_out: LabelledTexts
    report: str

    def __len__(self) -> int:
        return len(self.train)

    def fingerprint(self) -> int:
        return zlib.crc32(f"{self.train.fingerprint()} {self.held_out.fingerprint()}".encode())


def read_corpus(data: LabelledDataConfig, seed: int) -> LabelledCorpus:
    """Read all files of `data`. A text that stands twice under its label counts once.

    Texts of `data.exclude` are left out of both parts: whatever is alike but for case and punctuation. Which texts are
    held out depends on `seed` and on the texts alone. Raises DataError, naming the file, for one that can't be read or
    is not as described, and where fewer than two labels are left or one of them has nothing to learn from.
    """
    excluded = {_letters(text) for _, text in _read(data, data.exclude, "exclude")} - {""}
    train, left_out = _by_label(_read(data, data.train, "train"), excluded)
    if len(train) < 2:
        raise DataError(f"data.train has texts of {len(train)} labels, a classifier needs two at least")
    if data.validation:
        held_out, _ = _by_label(_read(data, data.validation, "validation"), excluded)
        unknown = sorted(set(held_out) - set(train))
        if unknown:
            raise DataError(f"data.validation has the label {unknown[0]!r}, which data.train has not")
    else:
        train, held_out = _parted(train, data, seed)
    if not held_out:
        raise DataError("nothing is held out to validate with: give more texts, or files as data.validation")
    learnt, kept = LabelledTexts(train), LabelledTexts(held_out)
    report = f"{len(learnt):,} texts of {len(train)} labels, {len(kept):,} held out"
    if left_out:
        report += f"; left out as in data.exclude: {left_out:,}"
    if data.validation and (known := _shared(learnt, kept)):
        report += f"\n{known:,} of the texts held out are learnt from, too: their score says less of new text"
    return LabelledCorpus(learnt, kept, report)


def _read(data: LabelledDataConfig, files: Iterable[LabelledFile], key: str) -> Iterator[tuple[str, str]]:
    for index, described in enumerate(files):
        for number, line in enumerate(read_lines(data.path(described.file)), 1):
            label, tab, text = (described.label, "\t", line) if described.label else line.partition("\t")
            if not line.strip():
                continue
            where = f"{data.path(described.file)}, line {number}"
            if not tab or not label.strip():
                raise DataError(f"{where}: expected label<TAB>text (data.{key}[{index}] names no label for the file)")
            label, text = label.strip(), text.strip()
            if data.labels == "languages":
                label = shortest_code(label)
                if not is_language_code(label):
                    raise DataError(f"{where}: got the label {label!r}, expected a language code such as 'de'")
            if text:
                yield label, text


def _by_label(pairs: Iterable[tuple[str, str]], excluded: set[str]) -> tuple[dict[str, list[str]], int]:
    """Label -> its texts, each once, in the order of the files; and how many were left out as excluded."""
    found: dict[str, dict[str, None]] = {}
    left_out = 0
    for label, text in pairs:
        if excluded and _letters(text) in excluded:
            left_out += 1
        else:
            found.setdefault(label, {})[text] = None
    return {label: list(found[label]) for label in sorted(found)}, left_out


def _parted(
    texts: Mapping[str, Sequence[str]], data: LabelledDataConfig, seed: int
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    train, held_out = {}, {}
    for number, (label, all_texts) in enumerate(texts.items()):
        random = np.random.PCG64([seed, number]).random_raw(len(all_texts))
        order = np.argsort(random, kind="stable").tolist()
        most = min(int(data.held_out * len(all_texts)), data.held_out_most)
        train[label] = [all_texts[i] for i in sorted(order[most:])]
        if most:
            held_out[label] = [all_texts[i] for i in sorted(order[:most])]
    return train, held_out


def _shared(learnt: LabelledTexts, held_out: LabelledTexts) -> int:
    """How many of `held_out` are learnt from under their label, compared without case and punctuation."""
    known = {label: set(map(_letters, texts)) - {""} for label, texts in learnt.texts.items()}
    return sum(_letters(text) in known[label] for label, texts in held_out.texts.items() for text in texts)


def _letters(text: str) -> str:
    """What two texts share that are alike but for case and punctuation."""
    return "".join(filter(str.isalnum, text.casefold()))
