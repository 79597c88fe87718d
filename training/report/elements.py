"""Small elements that the sections of the page share."""

from collections.abc import Iterable
from html import escape

from training.report.record import Record

COLOURS = 8
"""How many colours the page has; a run's is its place among the runs."""


def named(record: Record, run: int) -> str:
    """The name of a run, with its colour."""
    return f'<span class="dot c{run % COLOURS}"></span>{escape(record.name)}'


def tag(text: str) -> str:
    return f'<span class="tag">{escape(text)}</span>' if text else ""


def joined(parts: Iterable[str]) -> str:
    return "".join(parts)


def cell(html: str, is_best: bool = False) -> str:
    return f'<td class="top">{html}</td>' if is_best else f"<td>{html}</td>"
