"""Words that stand for what a model can't read, a web address or a placeholder, while it translates."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from nmt.tokenizer import Tokenizer

PERSONS = ("Tom", "Mary", "John", "Peter", "Maria", "Bob", "Anna", "David")
PLACES = ("Boston", "Paris", "London", "Berlin")
NUMBERS = ("7", "9", "5", "6", "8", "4", "3")
LOOKED_BACK = 24
"""Characters before a stand-in that tell what kind it should be."""
_BEFORE_PLACES = re.compile(
    r"\b(?:in|near|from|aus|nach|en|dans|à|depuis|desde|hacia"
    r"|(?:go|goes|going|gone|went|come|comes|came|been|back|travel\w*|move\w*|moving|fly|flew|drive|drove|way) to)\s\Z",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"%(\d+\$)?[-+ #0]*\d*(\.\d+)?[dif]|%\(\w+\)[-+ #0]*\d*(\.\d+)?[dif]")


@dataclass(frozen=True)
class StandIn:
    """A word that is one token of the vocabulary."""

    text: str
    token: int


@dataclass(frozen=True)
class StandIns:
    """The stand-ins that a vocabulary has: names of persons and places, and numbers for placeholders of numbers."""

    persons: tuple[StandIn, ...]
    places: tuple[StandIn, ...]
    numbers: tuple[StandIn, ...]

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Self:
        return cls(*(tuple(_known(words, tokenizer)) for words in (PERSONS, PLACES, NUMBERS)))

    def not_in(self, text: str) -> Self:
        """Those that `text` doesn't have, whatever the case."""
        folded = text.casefold()
        kinds = (self.persons, self.places, self.numbers)
        return type(self)(*(tuple(one for one in kind if one.text.casefold() not in folded) for kind in kinds))

    def choose(self, protected: str, before: str, taken: Collection[StandIn]) -> StandIn | None:
        """One that fits the text `before` it and is not taken; None where there is none."""
        kinds = [self.persons, self.places, self.numbers]
        if _NUMERIC.fullmatch(protected):
            kinds = [self.numbers, self.persons, self.places]
        elif _BEFORE_PLACES.search(before):
            kinds = [self.places, self.persons, self.numbers]
        return next((one for kind in kinds for one in kind if one not in taken), None)


def _known(words: Sequence[str], tokenizer: Tokenizer) -> Iterator[StandIn]:
    for word in words:
        ids = tokenizer.encode(word).ids
        if len(ids) == 1 and ids[0] not in tokenizer.special_ids:
            yield StandIn(word, ids[0])
