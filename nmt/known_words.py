"""The words that a model has learnt from; what it makes of others is a guess."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Self

import numpy as np

from nmt.errors import ArtifactError

_LETTERS = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile("[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_HASH = np.dtype("<u4")


class KnownWords:
    """Words of several languages, whatever their case.

    They are kept as hashes of 32 bits, in order, so that a hundred thousand take 400 KB and one unknown word in 40,000
    is held for known. `serialized` is the hashes, little-endian. Raises ArtifactError where it can't be.
    """

    def __init__(self, serialized: bytes) -> None:
        if len(serialized) % _HASH.itemsize:
            raise ArtifactError(f"{len(serialized)} bytes are no whole number of hashes")
        self._hashes = np.frombuffer(serialized, _HASH)
        if (self._hashes[1:] <= self._hashes[:-1]).any():
            raise ArtifactError("the hashes are not in order")

    @classmethod
    def of(cls, words: Iterable[tuple[str, str]]) -> Self:
        """(language, word), as `words_of` finds words."""
        hashes = np.fromiter((_hash(language, word) for language, word in words), _HASH)
        return cls(np.unique(hashes).tobytes())

    @property
    def serialized(self) -> bytes:
        return self._hashes.tobytes()

    def __or__(self, other: Self) -> Self:
        """The words of either."""
        return type(self)(np.union1d(self._hashes, other._hashes).tobytes())

    def __len__(self) -> int:
        return len(self._hashes)

    def knows(self, language: str, text: str) -> bool:
        """Whether all words of `text` are among those of `language`."""
        hashes = np.fromiter((_hash(language, word) for word in words_of(text)), _HASH)
        places = np.searchsorted(self._hashes, hashes)
        return bool((places < len(self)).all() and (self._hashes[places] == hashes).all())


def words_of(text: str) -> Iterator[str]:
    """The runs of letters in `text`, in lower case; none of scripts that are written without spaces between words."""
    for word in _LETTERS.findall(unicodedata.normalize("NFKC", text).casefold()):
        if not _UNSPACED.search(word):
            yield word


def _hash(language: str, word: str) -> int:
    return int.from_bytes(blake2b(f"{language}\t{word}".encode(), digest_size=_HASH.itemsize).digest(), "little")
