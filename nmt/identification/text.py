"""A text as a classifier reads it."""

from nmt.identification.config import ClassifierConfig
from nmt.tokenizer import SentencePieceTokenizer, check_unicode
from nmt.vocabulary import EOS

MAX_CHARACTERS = 1000
"""Of a longer text only the start is read."""


class TextReader(SentencePieceTokenizer):
    """A SentencePiece model that only reads."""

    def read(self, text: str, shape: ClassifierConfig) -> list[int]:
        """The pieces of the start of `text` that a classifier of that shape reads; of none, the end symbol.

        Raises InputError for text that is not valid Unicode.
        """
        text = _start(text)
        check_unicode(text)
        ids: list[int] = self._processor.encode(text.lower() if shape.fold_case else text, return_type=int)
        return ids[: shape.max_pieces] or [EOS]


def has_letters(text: str) -> bool:
    """Whether the start of `text` that is read has a letter, of any script."""
    return any(map(str.isalpha, _start(text)))


def _start(text: str) -> str:
    return text.lstrip()[:MAX_CHARACTERS]
