"""The words that a model has learnt from; what it makes of others is a guess."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nmt.errors import ArtifactError

_LETTERS = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile("[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_HASH, _MAGNITUDE = np.dtype("<u8"), np.dtype("u1")
_FORMAT = b"words 2\n"


class KnownWords:
    """Words of several languages, whatever their case, and how often they are met.

    They are kept as hashes of 64 bits: a hundred thousand take 900 KB, and no other word is held for one of them.
    `serialized` is a line that names the format, the hashes, in order and little-endian, then a byte for each: its
    magnitude. Raises ArtifactError where it can't be.
    """

    def __init__(self, serialized: bytes) -> None:
        if not serialized.startswith(_FORMAT):
            raise ArtifactError(
                "this is not the format of this release (the model loads without the file and its line in SHA256SUMS, "
                "and warns of no words)"
            )
        count, rest = divmod(len(serialized) - len(_FORMAT), _HASH.itemsize + _MAGNITUDE.itemsize)
        if rest:
            raise ArtifactError(f"{len(serialized)} bytes are no whole number of words")
        self._hashes = np.frombuffer(serialized, _HASH, count, len(_FORMAT))
        self._magnitudes = np.frombuffer(serialized, _MAGNITUDE, count, len(_FORMAT) + self._hashes.nbytes)
        if (self._hashes[1:] <= self._hashes[:-1]).any():
            raise ArtifactError("the hashes are not in order")

    @classmethod
    def of(cls, times: Mapping[tuple[str, str], int]) -> Self:
        """How many times each (language, word) is met, at least once; words are as `words_of` finds them."""
        hashes = np.fromiter((_hash(language, word) for language, word in times), _HASH)
        magnitudes = np.fromiter((number.bit_length() for number in times.values()), _MAGNITUDE)
        return cls._joined(hashes, magnitudes)

    @classmethod
    def _joined(cls, hashes: NDArray[np.uint64], magnitudes: NDArray[np.uint8]) -> Self:
        """Of hashes that are alike, the greatest magnitude."""
        order = np.lexsort((magnitudes, hashes))
        hashes, magnitudes = hashes[order], magnitudes[order]
        is_last = np.ones(len(hashes), dtype=bool)
        is_last[:-1] = hashes[1:] != hashes[:-1]
        return cls(_FORMAT + hashes[is_last].tobytes() + magnitudes[is_last].tobytes())

    @property
    def serialized(self) -> bytes:
        return _FORMAT + self._hashes.tobytes() + self._magnitudes.tobytes()

    def __or__(self, other: Self) -> Self:
        """The words of either, as often as where they are met more."""
        hashes = np.concatenate([self._hashes, other._hashes])
        return self._joined(hashes, np.concatenate([self._magnitudes, other._magnitudes]))

    def __len__(self) -> int:
        return len(self._hashes)

    def knows(self, language: str, text: str) -> bool:
        """Whether all words of `text` are among those of `language`."""
        return all(self.magnitudes(language, list(words_of(text))))

    def magnitudes(self, language: str, words: Sequence[str]) -> list[int]:
        """How often each of `words`, whatever its case, is met: 0 if it is unknown, else how many binary digits its
        number of times has."""
        hashes = np.fromiter((_hash(language, word.casefold()) for word in words), _HASH)
        places = np.searchsorted(self._hashes, hashes)
        found = np.zeros(len(hashes), _MAGNITUDE)
        inside = places < len(self)
        known = inside.nonzero()[0][self._hashes[places[inside]] == hashes[inside]]
        found[known] = self._magnitudes[places[known]]
        return list(map(int, found))


def words_of(text: str) -> Iterator[str]:
    """The runs of letters in `text`, in lower case; none of scripts that are written without spaces between words."""
    for word in _LETTERS.findall(unicodedata.normalize("NFKC", text).casefold()):
        if not _UNSPACED.search(word):
            yield word


def _hash(language: str, word: str) -> int:
    return int.from_bytes(blake2b(f"{language}\t{word}".encode(), digest_size=_HASH.itemsize).digest(), "little")
