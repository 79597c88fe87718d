"""Sentences as words with their places, compared without case and punctuation, and with the case that words have."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Pair = tuple[str, str]

UNAMBIGUOUS = 0.9
"""Share of a word's places in which it has its usual form, if there is but one."""

_ELIDED = r"(?:(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=\w))"
_WORD = r"[^\W_]+(?:['’-][^\W_]+)*"
_MARK = r"[^\w\s]|_"
_TOKEN = {
    True: re.compile(rf"{_ELIDED}|{_WORD}|{_MARK}", re.IGNORECASE),
    False: re.compile(rf"{_WORD}|{_MARK}"),
}
_END = re.compile(r"([.!?…])[\s\"'”’»)]*\Z")
_PARTS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Token:
    """`text[start:end]` of a sentence: a word, or one mark of punctuation."""

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()


def tokens(sentence: str, language: str) -> list[Token]:
    """Words, French ones apart from what is elided before them (`l'` `eau`), and marks, in order."""
    return [Token(found[0], *found.span()) for found in _TOKEN[language == "fr"].finditer(sentence)]


def identity(sentence: str) -> str:
    """What two sentences share that differ in nothing but case, punctuation and white space; "" without a word."""
    return " ".join(_PARTS.findall(unicodedata.normalize("NFKC", sentence).casefold()))


def meaning(sentence: str) -> str:
    """`identity`, and whether it is a question: what says the same in another language, too."""
    return identity(sentence) + "?" * (final_mark(sentence) == "?")


def final_mark(sentence: str) -> str:
    """The last of `.!?…`, behind which only quotes and brackets are closed; "" where there is none."""
    found = _END.search(sentence)
    return found[1] if found else ""


def without_final_mark(sentence: str) -> str:
    """`sentence` without the marks that it ends with, and without the Spanish one that it begins with."""
    return sentence.rstrip(".!?… \u00a0\u202f").lstrip("¿¡")


class Case:
    """How words are written inside sentences (truecasing: Lita, Ittycheriah, Roukos and Kambhatla, 2003)."""

    def __init__(self, sentences: Iterable[Sequence[Token]]) -> None:
        inside: Counter[str] = Counter()
        for found in sentences:
            begun = False
            for token in found:
                if begun and token.is_word:
                    inside[token.text] += 1
                begun = token.is_word or (begun and token.text not in '.!?…:"“„«»¿¡-–—')
        self._usual: dict[str, str] = {}
        totals: Counter[str] = Counter()
        for word, count in sorted(inside.items(), key=lambda item: (item[1], item[0])):
            self._usual[word.casefold()] = word
            totals[word.casefold()] += count
        self._ambiguous = {
            folded for folded, word in self._usual.items() if inside[word] < UNAMBIGUOUS * totals[folded]
        }

    def usual(self, word: str) -> str:
        """The form that the word mostly has inside a sentence; small letters where it never stands inside one."""
        return self._usual.get(word.casefold(), word.lower())

    def is_ambiguous(self, word: str) -> bool:
        """Whether it is written in several ways, and a capital at the beginning hides which: German Sie and sie."""
        return word.casefold() in self._ambiguous

    def is_known(self, word: str) -> bool:
        return word.casefold() in self._usual
