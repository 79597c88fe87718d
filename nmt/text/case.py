"""ALL CAPS and Title Case: put to a model as sentences are written, and given back."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Literal

from nmt.text.edits import Edit
from nmt.text.listed import word_set

Case = Literal["as_it_is", "upper", "title"]

_LETTERS = r"[^\W\d_]+(?:['’][^\W\d_]+)*"
_WORD = re.compile(_LETTERS)
_COMPOUND = re.compile(rf"{_LETTERS}(?:-{_LETTERS})*")
_JOINTS = re.compile("[-'’]")
_FINAL_MARK = re.compile(r"[.!?…]\W{0,9}\Z")
_SHORT = 3  # letters of a word that titles may leave small
_TITLE_WORDS = 4

_SMALL = {
    "en": word_set("a an the and but or nor of to in on at by for as from with into per vs"),
    "es": word_set("el la los las un una unos unas de del al a y o e u en con por para sin sobre"),
    "fr": word_set("le la les l un une des du de d et ou à au aux en par pour sur sous dans avec sans"),
}
"""Words that titles leave small; in other languages those of up to _SHORT letters."""
_OPENING = {
    "de": word_set("ich du er sie es wir"),
    "en": word_set("the a an my your his her its our their this that these those i you he she it we they"),
    "es": word_set(
        "el la los las lo un una unos unas tu su mi tus sus mis nuestro nuestra nuestros nuestras este esta "
        "estos estas ese esa esos esas aquel aquella yo tú él ella ellos ellas nosotros nosotras usted ustedes"
    ),
    "fr": word_set(
        "le la les l' un une des mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette "
        "ces je j' tu il ils elle elles on nous vous c'"
    ),
}
"""Determiners and pronouns: "The Old Man" and "I Love You" are titles, "New York City" is a name. In German, where
determiners stand before capitals ("Ein Glas Wasser"), pronouns alone."""
_GERMAN_SMALL = word_set(
    "der die das den dem des ein eine einen einem einer eines kein keine mein meine dein deine sein seine unser "
    "ich du er es wir mich dich sich mir dir uns euch ihm ihn ist sind war bin bist hat habe haben hast wird "
    "kann muss nicht und oder aber als am an auf aus auch bei bis im in mit nach um von vom vor zu zum zur für "
    "über ohne wer was wie wo wann warum so ja nein"
)
"""Words that German writes small: a capital on one within a text makes it a title."""
_ENGLISH_I = re.compile(r"I(?:['’](?:M|D|LL|VE|m|d|ll|ve))?")


def detect_case(text: str, language: str) -> Case:
    """How a sentence is written.

    "upper": no small letter, and three words, or two with one of four letters, or one of five: NASA and an "I" stay as
    they are. "title": four words or more that begin with a capital and go on in small letters; articles, prepositions
    and the like may be small, but then three others are needed, or four where the text ends as a sentence does. Three
    words are a title in English, French, German and Spanish if they begin as a phrase does and only white space is
    between them. In German, where nouns have capitals anyway, no word may be small, and one has to be of those that are
    small elsewhere.
    """
    cased = _cased(_WORD.finditer(text))
    if not cased:
        return "as_it_is"
    longest = max(map(len, cased))
    if all(word == word.upper() for word in cased):
        enough = len(cased) >= 3 or longest >= (4 if len(cased) == 2 else 5)
        return "upper" if enough else "as_it_is"
    return "title" if _is_title(text, language) else "as_it_is"


def _is_title(text: str, language: str) -> bool:
    words = list(_COMPOUND.finditer(text))
    cased = _cased(words)
    big = [word for word in cased if language == "de" or not _is_small(word, language)]
    if len(big) < 3 or cased[0] not in big or not all(map(_is_titled, big)):
        return False
    if _is_phrase(text, words, language):
        return True
    told = language != "de" or any(word.lower() in _GERMAN_SMALL for word in cased[1:])
    least = 4 if len(big) < len(cased) and _FINAL_MARK.search(text, max(0, len(text) - 10)) else 3
    return told and len(cased) >= _TITLE_WORDS and len(big) >= least


def _cased(words: Iterable[re.Match[str]]) -> list[str]:
    """Those that are in capitals or small letters: some scripts have none."""
    return [word[0] for word in words if word[0].upper() != word[0].lower()]


def _is_small(word: str, language: str) -> bool:
    """Whether it has no capital, and titles may leave it so."""
    return word.islower() and (word in _SMALL[language] if language in _SMALL else len(word) <= _SHORT)


def _is_titled(word: str) -> bool:
    """Whether it begins with a capital, and others are at the beginning of its parts alone."""
    return word[0].isupper() and all(part[1:] == part[1:].lower() for part in _JOINTS.split(word))


def _is_phrase(text: str, words: Sequence[re.Match[str]], language: str) -> bool:
    """Whether white space alone is between three words, no point behind, and phrases begin with the first one."""
    return (
        len(words) == 3
        and not text.rstrip().endswith(".")
        and _opening(words[0][0]) in _OPENING.get(language, ())
        and all(text[one.end() : other.start()].isspace() for one, other in pairwise(words))
    )


def _opening(word: str) -> str:
    """The word in small letters, or what of it is before an apostrophe, with that: J'Aime -> j'."""
    first, apostrophe, _ = word.lower().replace("’", "'").partition("'")
    return first + apostrophe


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

    A title's words begin with a capital but for those inside it that titles leave small.
    """
    if case == "as_it_is":
        return []
    edits: list[Edit] = []
    if case == "upper":
        edits = _changed(text, 0, len(text), str.upper)
    else:
        words = list(_WORD.finditer(text))
        for word in words:
            if not _is_small(word[0], language) or word in (words[0], words[-1]):
                edits += _changed(text, word.start(), word.start() + 1, str.title)
    return [one for one in edits if all(one.end <= start or one.start >= end for start, end in keep)]


def _changed(text: str, start: int, end: int, change: Callable[[str], str]) -> list[Edit]:
    pairs = ((at, text[at], change(text[at])) for at in range(start, end))
    return [Edit(at, at + 1, new) for at, old, new in pairs if new != old]
