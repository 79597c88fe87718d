"""One text as different people would type it: a word or a few of it, in other case, without marks or punctuation."""

import re
import unicodedata
from collections.abc import Sequence

from training.classification.config import LabelledDataConfig

DRAWS = 6
"""How many random numbers `vary` takes."""

_MARKED_LATIN = re.compile("([A-Za-z])[\u0300-\u036f]+")


def vary(text: str, data: LabelledDataConfig, draws: Sequence[float]) -> str:
    """A variant of `text`, a pure function of DRAWS numbers in [0, 1); `text` itself where all rates are 0."""
    kind, place, size, punctuation, case, marks = draws
    if kind < data.words:
        cut = stripped(_cut(text, place, 1, characters=1 + int(size * 4)))
        text = cut if any(map(str.isalpha, cut)) else text
    elif kind < data.words + data.snippets:
        cut = _cut(text, place, 2 + int(size * 3), characters=4 + int(size * 6))
        text = cut if any(map(str.isalpha, cut)) else text
    if punctuation < data.no_punctuation:
        text = stripped(text) or text
    if case < data.lower_case:
        text = text.lower()
    elif case < data.lower_case + data.upper_case:
        text = text.upper()
    elif case < data.lower_case + data.upper_case + data.capitalised:
        text = text[:1].upper() + text[1:]
    return without_marks(text) if marks < data.no_diacritics else text


def without_marks(text: str) -> str:
    """`text` without the marks on its Latin letters; those of other scripts are letters of their own."""
    return unicodedata.normalize("NFC", _MARKED_LATIN.sub(r"\1", unicodedata.normalize("NFD", text)))


def _cut(text: str, place: float, words: int, characters: int) -> str:
    """`words` neighbouring words; `characters` of a text without spaces in a script without capitals."""
    parts = text.split()
    if len(parts) > 1:
        start = int(place * max(1, len(parts) - words + 1))
        return " ".join(parts[start : start + words])
    if text.lower() != text.upper():
        return text
    start = int(place * max(1, len(text) - characters + 1))
    return text[start : start + characters]


def stripped(text: str) -> str:
    """`text` from its first letter or digit to its last one, with the marks on that."""
    start, end = 0, len(text)
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not (text[end - 1].isalnum() or unicodedata.category(text[end - 1]).startswith("M")):
        end -= 1
    return text[start:end]
