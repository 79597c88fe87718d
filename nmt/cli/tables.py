"""Tables of text, as lines."""

from collections.abc import Iterator
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table

WIDTH = 120


def new_table(title: str) -> Table:
    """An empty table with its title."""
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)


def drawn(table: Table) -> Iterator[str]:
    """The lines of a table, at most WIDTH characters each; what looks like markup in it is text."""
    page = StringIO()
    plain = Console(
        file=page, width=WIDTH, color_system=None, legacy_windows=False, markup=False, emoji=False, highlight=False
    )
    plain.print(table)
    yield from (line.rstrip() for line in page.getvalue().splitlines())
