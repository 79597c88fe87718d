"""Answers that a case accepts, with choices in brackets: `The (cat|tomcat) is (very|) tired.`"""

import itertools
import re
import unicodedata
from collections.abc import Iterator

MOST_ANSWERS = 20_000
_ALIKE = str.maketrans(
    {**dict.fromkeys("’‘‚‹›`´", "'"), **dict.fromkeys("“”„«»", '"'), **dict.fromkeys("–—", "-"), "…": "..."}
)


def answers_of(template: str) -> frozenset[str]:
    """Every answer that `template` stands for, normalised: each bracket is one of its parts, which `|` sets apart.

    Brackets may stand in brackets. Raises ValueError, which says why, where they don't close or stand in too many
    others, where `|` is outside of them, and where there are more than MOST_ANSWERS.
    """
    try:
        found = list(itertools.islice(_Template(template).answers(), MOST_ANSWERS + 1))
    except RecursionError:
        raise ValueError("its brackets stand in too many others") from None
    if len(found) > MOST_ANSWERS:
        raise ValueError(f"it stands for more than {MOST_ANSWERS:,} answers")
    return frozenset(map(normalised, found))


def first_answer(template: str) -> str:
    """What `template` reads with the first choice of each bracket. Raises ValueError like `answers_of`."""
    return " ".join(next(_Template(template).answers()).split())


def is_among(answer: str, answers: frozenset[str]) -> bool:
    """Whether `answer` is one of `answers`; where one of them has a small first letter, a capital will do as well."""
    plain = normalised(answer)
    return plain in answers or plain[:1].lower() + plain[1:] in answers


def normalised(text: str) -> str:
    """`text` with one form of each quotation mark and dash, single spaces, and no full stop or `!` at its end."""
    text = re.sub(r"(?<=[«‹])\s+|\s+(?=[»›])", "", text)
    text = " ".join(unicodedata.normalize("NFC", text).translate(_ALIKE).split())
    return re.sub(r"\s*[.!]+\Z", "", re.sub(r"\s+([,;:.!?])", r"\1", text))


class _Template:
    """Reads a template from left to right."""

    def __init__(self, text: str) -> None:
        self._parts = [part for part in re.split(r"([(|)])", text) if part]
        self._at = 0

    def answers(self) -> Iterator[str]:
        sequence = self._sequence()
        if self._at < len(self._parts):
            raise ValueError(f"{self._parts[self._at]!r} stands outside of brackets")
        return map("".join, itertools.product(*sequence))

    def _sequence(self) -> list[list[str]]:
        """The choices at each place, up to what ends the sequence."""
        places = []
        while self._at < len(self._parts) and self._parts[self._at] not in ("|", ")"):
            part = self._parts[self._at]
            self._at += 1
            places.append(self._choices() if part == "(" else [part])
        return places

    def _choices(self) -> list[str]:
        """The parts of a bracket that has been opened."""
        choices: list[str] = []
        while True:
            choices += itertools.islice(map("".join, itertools.product(*self._sequence())), MOST_ANSWERS + 1)
            end = self._parts[self._at] if self._at < len(self._parts) else None
            self._at += 1
            if end is None:
                raise ValueError("a bracket is not closed")
            if end == ")":
                return choices
