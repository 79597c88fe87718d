"""Parallel text of pairs of languages, and what is held out of it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from nmt.lines import read_lines, read_parallel
from training.augmentation.config import LanguagePair
from training.augmentation.text import Pair, identity

Bitexts = dict[LanguagePair, list[Pair]]
"""The pairs of sentences of each pair of languages, in its order."""


class HeldOut:
    """Sentences that may not come in, in the language that they are in, whatever their case and punctuation."""

    def __init__(self) -> None:
        self._identities: dict[str, set[str]] = {}

    @classmethod
    def read(cls, corpora: Iterable[Mapping[str, Path]]) -> "HeldOut":
        """All sentences of these files."""
        held_out = cls()
        for files in corpora:
            for language, path in files.items():
                for sentence in read_lines(path):
                    held_out.add(language, sentence)
        return held_out

    def add(self, language: str, sentence: str) -> None:
        if said := identity(sentence):
            self._identities.setdefault(language, set()).add(said)

    def has(self, pair: Pair, languages: LanguagePair) -> bool:
        """Whether either side is one of them."""
        return any(
            identity(sentence) in self._identities.get(language, ())
            for sentence, language in zip(pair, languages, strict=True)
        )

    def keep_out(self, pairs: Iterable[Pair], languages: LanguagePair) -> list[Pair]:
        """The pairs neither side of which is one of them."""
        return [pair for pair in pairs if not self.has(pair, languages)]


def read_bitexts(corpora: Sequence[Mapping[str, Path]], held_out: HeldOut) -> Bitexts:
    """All pairs, those of the same two languages together, each once, without empty and held-out sides.

    Raises DataError, naming file and line, for a file that can't be read or doesn't line up with its partner.
    """
    bitexts: dict[LanguagePair, dict[Pair, None]] = {}
    for files in corpora:
        first, second = sorted(files)
        found = bitexts.setdefault((first, second), {})
        for one, other in read_parallel([files[first], files[second]]):
            pair = one.strip(), other.strip()
            if identity(pair[0]) and identity(pair[1]) and not held_out.has(pair, (first, second)):
                found[pair] = None
    return {languages: list(pairs) for languages, pairs in bitexts.items()}


def oriented(bitexts: Bitexts, first: str, second: str) -> list[Pair]:
    """The pairs of two languages, `first` first; none where there is no such corpus."""
    if (first, second) in bitexts:
        return bitexts[first, second]
    return [(one, other) for other, one in bitexts.get((second, first), [])]
