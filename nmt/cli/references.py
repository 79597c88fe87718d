"""References beside the texts that are translated: of each text's translations, the one nearest to its reference."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from nmt.cli.input import lines_ahead
from nmt.errors import InputError
from nmt.lines import read_lines

if TYPE_CHECKING:
    from nmt.translation import Translation


def check_counts(path: Path, references: BinaryIO, texts: BinaryIO) -> None:
    """Raise InputError where both can be counted beforehand and have not as many lines."""
    counts = lines_ahead(texts), lines_ahead(references)
    if None not in counts and counts[0] != counts[1]:
        raise InputError(f"{path} has {counts[1]} lines, and the input {counts[0]}")


def nearest_ones(
    translations: "Iterable[Translation]", path: Path, references: BinaryIO, target: str, *, is_cut: Callable[[], bool]
) -> "Iterator[Translation]":
    """Of each translation and its alternatives, the one nearest to its line of `references`, which `path` names.

    Raises InputError where these have fewer lines, or more, unless the input `is_cut` short by a fault of its own.
    """
    from nmt.evaluation.nearest import Nearest

    nearest, lines = Nearest(target), read_lines(references, error=InputError)
    for number, translation in enumerate(translations):
        reference = next(lines, None)
        if reference is None:
            raise InputError(f"{path} has {number} lines, and the input more")
        choices = (translation, *translation.alternatives)
        yield choices[nearest([choice.text for choice in choices], reference)]
    if not is_cut() and next(lines, None) is not None:
        raise InputError(f"{path} has more lines than the input")
