"""ALL CAPS and Title Case: put to a model as sentences are written, and given back."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

from nmt.text.edits import Edit

Case = Literal["as_it_is", "upper", "title"]

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
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
        "l(?:e|a|es)|une?|des|[mts](?:on|a|es)|[nv]o(?:tre|s)|leurs?|c(?:e|et|ette|es)|je|tu|ils?|elles?|on|nous|vous"
    ),
}
"""Determiners and pronouns: "The Old Man" and "I Love You" are titles, "New York City" is a name. In German, where
determiners stand before capitals ("Ein Glas Wasser"), pronouns alone."""
_ENGLISH_I = re.compile(r"I(?:['’](?:M|D|LL|VE|m|d|ll|ve))?")


def detect_case(text: str, language: str) -> Case:
    """How a sentence is written.

    "upper": no small letter, and three words, or two with one of four letters, or one of five: NASA and an "I" stay as
    they are. "title": four words or more that all begin with a capital and go on in small letters; words of up to
    three letters may be small, but not in German, where nouns have capitals anyway. Three such words are a title in
    English, French, German and Spanish if they begin as a phrase does and only white space is between them.
    """
    words = list(_WORD.finditer(text))
    cased = [word[0] for word in words if word[0].upper() != word[0].lower()]
    if not cased:
        return "as_it_is"
    longest = max(map(len, cased))
    if all(word == word.upper() for word in cased):
        enough = len(cased) >= 3 or longest >= (4 if len(cased) == 2 else 5)
        return "upper" if enough else "as_it_is"
    big = [word for word in cased if language == "de" or len(word) > _SHORT or word[0].isupper()]
    titled = all(word[0].isupper() and word[1:] == word[1:].lower() for word in big)
    enough = len(cased) >= _TITLE_WORDS or _is_phrase(text, words, language)
    return "title" if titled and enough and len(big) >= 3 and cased[0] in big else "as_it_is"


def _is_phrase(text: str, words: Sequence[re.Match[str]], language: str) -> bool:
    """Whether nothing but white space is between the words, of which the first is one that phrases begin with."""
    opening = _OPENING.get(language)
    return (
        opening is not None
        and opening.fullmatch(words[0][0].lower()) is not None
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
