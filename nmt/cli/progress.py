"""A bar on standard error that counts lines, where someone can see it."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")


def progress_is_visible(output: Path | None) -> bool:
    """Whether standard error is a terminal that no results are written to; `output` None is standard output."""
    return sys.stderr.isatty() and (output is not None or not sys.stdout.isatty())


def with_progress(items: Iterable[Item], total: int | None, label: str) -> Iterator[Item]:
    """`items` as they are, counted by a bar that goes away in the end; none where `total` is None."""
    if total is None:
        yield from items
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    label_column = TextColumn("{task.description}", markup=False)
    counts = (label_column, BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*counts, *times, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total, rate="")
        for item in items:
            yield item
            speed = progress.tasks[0].speed
            progress.update(task, advance=1, rate="" if speed is None else f"{speed:.0f} lines/s")
