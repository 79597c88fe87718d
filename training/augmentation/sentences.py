"""Examples of two to four sentences, so that a model meets more than one."""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from training.augmentation.config import LanguagePair, SentencesConfig
from training.augmentation.text import Case, Pair, final_mark, tokens

_SIZES, _SIZE_WEIGHTS = (2, 3, 4), (0.6, 0.25, 0.15)
CONJUNCTIONS = {
    "de": (", und", ", aber"),
    "en": (", and", ", but"),
    "es": (" y", ", pero"),
    "fr": (" et", ", mais"),
}
_SPANISH_I = re.compile(r"(?:h?i)(?!e)", re.IGNORECASE)


class Joiner:
    """Joins sentences of a corpus, in the same order on both sides."""

    def __init__(self, pairs: Sequence[Pair], languages: LanguagePair, options: SentencesConfig) -> None:
        self._languages, self._options = languages, options
        self._whole = [pair for pair in pairs if _is_whole(pair)]
        self._total = len(pairs)
        self._cases = [Case(tokens(pair[side], languages[side]) for pair in pairs) for side in (0, 1)]
        self._by_first_word: defaultdict[str, list[Pair]] = defaultdict(list)
        for pair in self._whole:
            self._by_first_word[self._first_word(pair)].append(pair)

    def examples(self, chance: random.Random) -> Iterator[Pair]:
        """`options.share` of the number of pairs, fewer where sentences are too long."""
        if len(self._whole) < 2:
            return
        for _ in range(round(self._options.share * self._total)):
            joined = self._joined(self._drawn(chance), chance)
            if max(map(len, joined)) <= self._options.max_characters:
                yield joined

    def _drawn(self, chance: random.Random) -> list[Pair]:
        first = chance.choice(self._whole)
        (size,) = chance.choices(_SIZES, _SIZE_WEIGHTS)
        related = chance.random() < self._options.related
        others = self._by_first_word[self._first_word(first)] if related else self._whole
        drawn = {first: None} | dict.fromkeys(chance.choice(others) for _ in range(size - 1))
        return list(drawn) if len(drawn) > 1 else [first, chance.choice(self._whole)]

    def _joined(self, drawn: Sequence[Pair], chance: random.Random) -> Pair:
        wanted = chance.random() < self._options.conjoined
        which = chance.randrange(2)
        if len(drawn) == 2 and wanted:
            sides = [self._conjoined(drawn[0][side], drawn[1][side], side, which) for side in (0, 1)]
            if sides[0] and sides[1]:
                return sides[0], sides[1]
        return " ".join(pair[0] for pair in drawn), " ".join(pair[1] for pair in drawn)

    def _conjoined(self, one: str, other: str, side: int, which: int) -> str | None:
        """Two statements as one; None where that can't be, or it is not known how the second one begins inside."""
        language = self._languages[side]
        if language not in CONJUNCTIONS or not (one.endswith(".") and other.endswith(".")) or one.endswith(".."):
            return None
        first = tokens(other, language)[0]
        case = self._cases[side]
        if not first.is_word or not case.is_known(first.text) or case.is_ambiguous(first.text):
            return None
        begun = case.usual(first.text)
        conjunction = CONJUNCTIONS[language][which]
        if language == "es" and conjunction == " y" and _SPANISH_I.match(begun):
            conjunction = " e"
        return f"{one[:-1]}{conjunction} {begun}{other[first.end :]}"

    def _first_word(self, pair: Pair) -> str:
        return tokens(pair[0], self._languages[0])[0].text


def _is_whole(pair: Pair) -> bool:
    """Whether both sides are sentences with the same last mark."""
    marks = final_mark(pair[0]), final_mark(pair[1])
    return marks[0] != "" and marks[0] == marks[1]
