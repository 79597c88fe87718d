"""From which language into which."""

import re
from dataclasses import dataclass
from typing import Self

from nmt.errors import ConfigError
from nmt.options import Options, option

LANGUAGE_CODE = "[a-z]{2,3}"


@dataclass(frozen=True)
class Direction(Options):
    """Two different languages, as ISO 639-1 codes. Raises ConfigError for what is no language code."""

    source: str = option(help="code of the source language")
    target: str = option(help="code of the target language")

    def check(self) -> None:
        for key, code in (("source", self.source), ("target", self.target)):
            if not is_language_code(code):
                raise ConfigError(key, code, "a language code of two or three small letters, such as 'de'")
        if self.source == self.target:
            raise ConfigError("target", self.target, "two different languages")

    @classmethod
    def parse(cls, text: str, key: str = "direction") -> Self:
        """`en-de` -> Direction("en", "de"). Raises ConfigError, about the option `key`."""
        codes = re.fullmatch(f"({LANGUAGE_CODE})-({LANGUAGE_CODE})", text)
        if codes is None:
            raise ConfigError(key, text, "SOURCE-TARGET in codes of two or three small letters, such as 'en-de'")
        try:
            return cls(codes[1], codes[2])
        except ConfigError as error:
            raise ConfigError(key, text, error.allowed) from None

    def __str__(self) -> str:
        return f"{self.source}-{self.target}"


def is_language_code(text: str) -> bool:
    """Whether `text` has the form of an ISO 639 code: two or three small letters."""
    return re.fullmatch(LANGUAGE_CODE, text) is not None
