"""Command-line options that say how a text is read, and the glossary file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from nmt.errors import DataError
from nmt.lines import read_lines
from nmt.text.options import TextFormat, TextOptions

_PANEL = "Text options"

Format: TypeAlias = Annotated[
    TextFormat,
    typer.Option("--format", help="Plain text, or HTML whose tags are kept.", rich_help_panel=_PANEL),
]
Glossary: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--glossary",
        metavar="FILE",
        show_default=False,
        help="Terms that must be translated so: a term, a tab and its translation on each line.",
        rich_help_panel=_PANEL,
    ),
]
Protect: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--protect",
        metavar="REGEX",
        show_default=False,
        help="Keep what matches as it is, besides addresses, placeholders and emoji. May be given several times.",
        rich_help_panel=_PANEL,
    ),
]
Spelling: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--spelling/--no-spelling",
        help="Read mistyped words as those that were meant, where that is clear.",
        rich_help_panel=_PANEL,
    ),
]


def text_options(format: TextFormat, glossary: Path | None, protect: list[str] | None, spelling: bool) -> TextOptions:
    """Raises DataError for a glossary that can't be read (file and line), ConfigError for terms that clash."""
    pairs = () if glossary is None else tuple(read_glossary(glossary))
    return TextOptions(format=format, glossary=pairs, protect=tuple(protect or ()), spelling=spelling)


def read_glossary(path: Path) -> Iterator[tuple[str, str]]:
    """The pairs of a file with a source term, a tab and a target term on each line; empty lines are passed over."""
    for number, line in enumerate(read_lines(path), 1):
        source, tab, target = line.partition("\t")
        if not line.strip():
            continue
        if not (tab and source.strip() and target.strip()):
            raise DataError(f"{path}, line {number}: got {line[:60]!r}, expected a term, a tab and its translation")
        yield source.strip(), target.strip()
