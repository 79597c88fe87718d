"""ALL CAPS and Title Case: put to a model as sentences are written, and given back."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

from nmt.text.edits import Edit

Case = Literal["as_it_is", "upper", "title"]

_LETTERS = r"[^\W\d_]+(?:['’][^\W\d_]+)*"
_WORD = re.compile(_LETTERS)
_COMPOUND = re.compile(rf"{_LETTERS}(?:-{_LETTERS})*")
_JOINTS = re.compile("[-'’]")
_SENTENCE_END = re.compile("[.!?…]")
_SHORT = 3  # letters of a word that titles may leave small
_TITLE_WORDS = 4
_OPENING = {
    "de": re.compile("ich|du|er|sie|es|wir"),
    "en": re.compile("the|an?|my|your|his|her|its|our|their|th(?:is|at|ese|ose)|i|you|he|she|it|we|they"),
    "es": re.compile(
        "el|l[ao]s?|un(?:as?|os)?|[ts]us?|mis?|[nv]uestr[ao]s?|est[aeo]s?|es[aeo]s?|aquel(?:l[ao]s?)?|yo|tú|él|ellos|"
        "ellas?|nosotr[ao]s|vosotr[ao]s|usted(?:es)?"
    ),
    "fr": re.compile(
        "[jlc]|l(?:e|a|es)|une?|des|[mts](?:on|a|es)|[nv]o(?:tre|s)|leurs?|c(?:e|et|ette|es)|je|tu|ils?|elles?|on|nous|vous"
    ),
}
"""Determiners and pronouns: "The Old Man" and "I Love You" are titles, "New York City" is a name. In German, where
determiners stand before capitals ("Ein Glas Wasser"), pronouns alone."""
_GERMAN_SMALL = re.compile(
    "d(?:er|ie|as|e[nms])|(?:ei|[mds]ei|kei)n(?:e[nmrs]?)?|uns(?:er)?e?[nmrs]?|ich|du|e[rs]|wir|[mds]ich|[md]ir|uns|euch|"
    "i(?:st|m|n|ns|hm|hn)|sind|war(?:en)?|b(?:in|ist|ei|is)|ha(?:be|ben|st|t|tten?)|wi(?:rd|e)|kann|muss|nicht|und|oder|"
    "aber|a(?:ls|m|n|uf|us|uch)|mit|nach|um|von|vom|vor|zu[mr]?|für|über|ohne|wer|was|wo|wann|warum|so|ja|nein"
)
"""Words that German writes small: a capital on one within a text makes it a title."""
_ENGLISH_I = re.compile(r"I(?:['’](?:M|D|LL|VE|m|d|ll|ve))?")


def detect_case(text: str, language: str) -> Case:
    """How a sentence is written.

    "upper": no small letter, and three words, or two with one of four letters, or one of five: NASA and an "I" stay as
    they are. "title": four words or more that all begin with a capital and go on in small letters; those of up to
    three letters may be small, but for the first one, and not where the text ends as a sentence does. Three words are a
    title in English, French, German and Spanish if they begin as a phrase does and only white space is between them. In
    German, where nouns have capitals anyway, no word may be small, and one has to be of those that else are.
    """
    words = list(_WORD.finditer(text))
    cased = [word[0] for word in words if word[0].upper() != word[0].lower()]
    if not cased:
        return "as_it_is"
    longest = max(map(len, cased))
    if all(word == word.upper() for word in cased):
        enough = len(cased) >= 3 or longest >= (4 if len(cased) == 2 else 5)
        return "upper" if enough else "as_it_is"
    return "title" if _is_title(text, language) else "as_it_is"


def _is_title(text: str, language: str) -> bool:
    words = list(_COMPOUND.finditer(text))
    cased = [word[0] for word in words if word[0].upper() != word[0].lower()]
    small_ones = language != "de" and not _SENTENCE_END.search(text, words[-1].end())
    big = [word for word in cased if not small_ones or len(word) > _SHORT or word[0].isupper()]
    if len(big) < 3 or cased[0] not in big or not all(map(_is_titled, big)):
        return False
    if _is_phrase(text, words, language):
        return True
    told = language != "de" or any(_GERMAN_SMALL.fullmatch(word.lower()) for word in cased[1:])
    return told and len(cased) >= _TITLE_WORDS


def _is_titled(word: str) -> bool:
    """Whether it begins with a capital, and others are at the beginning of its parts alone."""
    return word[0].isupper() and all(part[1:] == part[1:].lower() for part in _JOINTS.split(word))


def _is_phrase(text: str, words: Sequence[re.Match[str]], language: str) -> bool:
    """Whether white space alone is between three words, no point behind, and phrases begin with the first one."""
    opening = _OPENING.get(language)
    return (
        opening is not None
        and len(words) == 3
        and not text.rstrip().endswith(".")
        and opening.fullmatch(_JOINTS.split(words[0][0])[0].lower()) is not None
        and all(text[one.end() : other.start()].isspace() for one, other in pairwise(words))
    )


def sentence_case(text: str, case: Case, language: str) -> list[Edit]:
    """What makes all but the first letter small, character by character; an English "I" stays."""
    if case == "as_it_is":
        return []
    edits: list[Edit] = []
    is_first = True
    for word in _WORD.finditer(text):
        keeps_first = is_first or (language == "en" and _ENGLISH_I.fullmatch(word[0]) is not None)
        is_first = False
        edits += _changed(text, word.start() + keeps_first, word.end(), str.lower)
    return edits


def restore_case(text: str, case: Case, language: str, keep: Sequence[tuple[int, int]] = ()) -> list[Edit]:
    """What gives a translation the case of its source, character by character; the spans of `keep` stay.

    A title's words begin with a capital but for those of up to three letters inside it.
    """
    if case == "as_it_is":
        return []
    edits: list[Edit] = []
    if case == "upper":
        edits = _changed(text, 0, len(text), str.upper)
    else:
        words = list(_WORD.finditer(text))
        for word in words:
            if len(word[0]) > _SHORT or word in (words[0], words[-1]):
                edits += _changed(text, word.start(), word.start() + 1, str.title)
    return [one for one in edits if all(one.end <= start or one.start >= end for start, end in keep)]


def _changed(text: str, start: int, end: int, change: Callable[[str], str]) -> list[Edit]:
    pairs = ((at, text[at], change(text[at])) for at in range(start, end))
    return [Edit(at, at + 1, new) for at, old, new in pairs if new != old]
