"""Terms of a source, and what its translation must say for them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from nmt.errors import ConfigError
from nmt.tokenizer import Tokenizer


class Occurrence(NamedTuple):
    """A half-open span of a text where a term stands, and the ids that the target has for it."""

    start: int
    end: int
    ids: tuple[int, ...]


@dataclass(frozen=True)
class Glossary:
    """For each term, longer ones first, what finds it and the ids of its translation."""

    terms: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = ()

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]], tokenizer: Tokenizer) -> Self:
        """Raises ConfigError for a translation in which the model of `tokenizer` sees nothing: invisible characters."""
        encoded = [(source, tokenizer.encode(target.strip()).ids) for source, target in pairs]
        for index, (_, ids) in enumerate(encoded):
            if not ids:
                raise ConfigError(f"glossary[{index}]", pairs[index], "a translation with characters that can be seen")
        longest_first = sorted(encoded, key=lambda pair: -len(pair[0]))
        return cls(tuple((_pattern(source), ids) for source, ids in longest_first))

    def find(self, text: str) -> Iterator[Occurrence]:
        """Where each term stands as whole words, whatever their case and the white space between them."""
        for pattern, ids in self.terms:
            for found in pattern.finditer(text):
                yield Occurrence(*found.span(), ids)


def _pattern(term: str) -> re.Pattern[str]:
    words = r"\s+".join(map(re.escape, term.split()))
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
