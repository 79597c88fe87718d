"""Words that stand for what a model can't read, a web address or a placeholder, while it translates."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from nmt.tokenizer import Tokenizer

NAMES = ("Tom", "Mary", "John", "Peter", "Maria", "Paris", "London", "Boston", "Bob", "Anna", "David", "Berlin")
NUMBERS = ("7", "9", "5", "6", "8", "4", "3")
_NUMERIC = re.compile(r"%(\d+\$)?[-+ #0]*\d*(\.\d+)?[dif]|%\(\w+\)[-+ #0]*\d*(\.\d+)?[dif]")


@dataclass(frozen=True)
class StandIn:
    """A word that is one token of the vocabulary."""

    text: str
    token: int


@dataclass(frozen=True)
class StandIns:
    """The stand-ins that a vocabulary has: names, and numbers for placeholders of numbers."""

    names: tuple[StandIn, ...]
    numbers: tuple[StandIn, ...]

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Self:
        return cls(tuple(_known(NAMES, tokenizer)), tuple(_known(NUMBERS, tokenizer)))

    def choose(self, protected: str, avoided: str, taken: Collection[StandIn]) -> StandIn | None:
        """One that is neither taken nor in the text `avoided`; None where there is none left."""
        first, second = (self.numbers, self.names) if _NUMERIC.fullmatch(protected) else (self.names, self.numbers)
        avoided = avoided.casefold()
        free = (one for one in (*first, *second) if one not in taken and one.text.casefold() not in avoided)
        return next(free, None)


def _known(words: Sequence[str], tokenizer: Tokenizer) -> Iterator[StandIn]:
    for word in words:
        ids = tokenizer.encode(word).ids
        if len(ids) == 1 and ids[0] not in tokenizer.special_ids:
            yield StandIn(word, ids[0])
