"""How a text is to be read: its format, and what of it has to be kept or said so."""

from dataclasses import dataclass
from typing import Literal

from nmt.errors import ConfigError
from nmt.options import Options, option

TextFormat = Literal["text", "html"]


@dataclass(frozen=True, kw_only=True)
class TextOptions(Options):
    """What surrounds the sentences of a text, and the terms in them.

    `glossary` pairs a term of the source, found as whole words whatever their case, with what the translation must
    say for it. `protect` holds regular expressions; what they match is kept as it is. With `spelling`, words that look
    mistyped are read as those that were meant, where that is clear.
    """

    format: TextFormat = option("text", "plain text, or HTML whose tags are kept")
    glossary: tuple[tuple[str, str], ...] = option((), "pairs of a source term and its translation")
    protect: tuple[str, ...] = option((), "regular expressions for what is kept as it is")
    spelling: bool = option(True, "read mistyped words as those that were meant")

    def check(self) -> None:
        for index, (source, target) in enumerate(self.glossary):
            if not source.strip() or not target.strip():
                raise ConfigError(f"glossary[{index}]", (source, target), "a term and its translation, neither empty")
        terms = [source.strip().casefold() for source, _ in self.glossary]
        if len(set(terms)) < len(terms):
            raise ConfigError("glossary", terms, "each source term once, whatever its case")
