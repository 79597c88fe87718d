"""What a mistyped word may have been meant for, by how the finger slipped."""

import re
import unicodedata
from collections.abc import Iterator
from enum import IntEnum


class Slip(IntEnum):
    """Penalties: after a slip of n, a word must be met 2^n times as often as after a likely one."""

    SPELT_SO = -4
    WITHOUT_ACCENT = -2
    LIKELY = 0
    MISSING_OR_EXTRA = 3
    OTHER_LETTER = 5


_LATIN = "abcdefghijklmnopqrstuvwxyz"
_ACCENTED = {"de": "äöü", "es": "áéíñóúü", "fr": "àâçèéêëîïôùûœ"}
_LONG = 5
"""From so many letters on, the last one may be doubled by mistake: thee and wee are words."""
_ENDS_WITHOUT_ACCENT = "aeo"
"""An accent on one of these at the end of a word is grammar: annule, annulé."""
_CONTRACTED = {
    "en": re.compile(
        r"(i)(m|ve)|(you|we|they)(re|ve)|(you|they|it|that|there)(ll)|(he|she|that|there|what|where|who|how)(s)"
        r"|((?:ai|are|ca|could|did|does|do|had|has|have|is|might|must|need|should|was|were|wo|would)n)(t)"
    ),
    "fr": re.compile(
        r"(aujourd)(hui)|(c)(est|était|étaient)|(d)(abord|accord|un)|(j)(ai|aime|aimerais|aurais|avais|étais|espère)"
        r"|(l)(argent|autre|eau|école|heure|homme)|(n)(ai|est|était)|(qu)(elles|ils?|on)|(quelqu)(un)|(s)(ils?)"
    ),
}
_UMLAUT = re.compile("ae|oe|ue")
_UMLAUTS = {"ae": "ä", "oe": "ö", "ue": "ü"}
_SHARP = re.compile(r"(?<=ei|ie|au|äu|eu)ss?(?=[aeiouäöü]|t?\Z)|(?<=\w)s\Z")
"""Where German may have ß for s, and doesn't have ss."""


def slips(word: str, language: str) -> Iterator[tuple[str, Slip]]:
    """Words that `word`, in lower case, may have been meant for, the likely ones first; some of them several times.

    Some keyboards and people spell so: without apostrophes, with ae for ä, without accents. Likely slips are two
    neighbours swapped, and a letter doubled or not doubled. Letters too many, too few or others are looked for inside
    the word alone. The first letter is as it is but for an umlaut: it is hardly ever wrong (Yannakoudakis and Fawthrop,
    1983, "The rules of spelling errors").
    """
    letters = _LATIN + _ACCENTED.get(language, "")
    yield from ((candidate, Slip.SPELT_SO) for candidate in _contracted(word, language))
    if language == "de":
        yield from ((candidate, Slip.SPELT_SO) for candidate in _german(word))
    for place in range(1, len(word)):
        before, letter, after = word[:place], word[place], word[place + 1 :]
        if after and letter != after[0]:
            yield f"{before}{after[0]}{letter}{after[1:]}", Slip.LIKELY
        if letter == before[-1] and (after or len(word) >= _LONG):
            yield f"{before}{after}", Slip.LIKELY
        yield f"{before}{letter}{letter}{after}", Slip.LIKELY
        if after or letter not in _ENDS_WITHOUT_ACCENT:
            accented = (one for one in letters if one != letter == _bare(one))
            slip = Slip.LIKELY if language == "de" else Slip.WITHOUT_ACCENT
            yield from ((f"{before}{one}{after}", slip) for one in accented)
    for place in range(1, len(word)):
        before, after = word[:place], word[place + 1 :]
        yield from ((f"{before}{one}{word[place:]}", Slip.MISSING_OR_EXTRA) for one in letters)
        if after:
            yield f"{before}{after}", Slip.MISSING_OR_EXTRA
            yield from ((f"{before}{one}{after}", Slip.OTHER_LETTER) for one in letters if one != word[place])


def _contracted(word: str, language: str) -> Iterator[str]:
    """With the apostrophe that was left out."""
    found = _CONTRACTED[language].fullmatch(word) if language in _CONTRACTED else None
    if found:
        yield "'".join(filter(None, found.groups()))


def _german(word: str) -> Iterator[str]:
    """With umlauts and ß, which some keyboards lack."""
    yield _UMLAUT.sub(lambda found: _UMLAUTS[found[0]], word)
    for pattern in (_UMLAUT, _SHARP):
        for found in pattern.finditer(word):
            yield f"{word[: found.start()]}{_UMLAUTS.get(found[0], 'ß')}{word[found.end() :]}"


def _bare(letter: str) -> str:
    """Without its accent."""
    return unicodedata.normalize("NFD", letter)[0]
