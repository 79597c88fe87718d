"""The lines of a text: which line breaks are borders, and where bullets end."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

LEAST_WIDTH = 40  # characters of a line that was broken to fit a width
LEAST_LINES = 4  # of a paragraph whose lines show that width
# Bullets, numbers, letters with a parenthesis, headings, quotes, boxes to tick; several may follow each other.
BULLET = re.compile(r"[ \t]*(?:(?:[-*+•◦▪▫●○■□►▸‣⁃·–—✓✔✗✘]|\d{1,3}[.)]|[a-z]\)|#{1,6}|>{1,9}|\[[ xX]\])[ \t]+)+")
ENDS = frozenset(".!?:;…。！？：；|\\")
CLOSING = "\"'”’»“)]*_"


class Line(NamedTuple):
    """A line without its break: `start`, `end`, where its indentation or bullet ends, and whether it has a bullet."""

    start: int
    content: int
    end: int
    bullet: bool


def logical_lines(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the text between borders, in order, without bullets, indentation and what breaks them.

    Lines that were only broken to fit a width make one span.
    """
    for paragraph in _paragraphs(text):
        shows_width = _shows_width(text, paragraph)
        start = paragraph[0].content
        for line, following in pairwise(paragraph):
            if not _flows(text, line, following, shows_width):
                yield start, line.end
                start = following.content
        yield start, paragraph[-1].end


def _paragraphs(text: str) -> Iterator[list[Line]]:
    """Runs of lines that are not blank, each begun by a blank line before it or a bullet of its own."""
    run: list[Line] = []
    for line in _lines(text):
        if run and (line.bullet or line.content == line.end):
            yield run
            run = []
        if line.content < line.end:
            run.append(line)
    if run:
        yield run


def _lines(text: str) -> Iterator[Line]:
    start = 0
    for whole in text.splitlines(keepends=True):
        content = whole.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")
        bullet = BULLET.match(content + " ")
        indent = len(content) - len(content.lstrip())
        skipped = min(len(content), bullet.end()) if bullet else indent
        yield Line(start, start + skipped, start + len(content), bullet is not None)
        start += len(whole)


def _shows_width(text: str, paragraph: Sequence[Line]) -> bool:
    """Whether each line is so long that the next word had no room in it."""
    if len(paragraph) < LEAST_LINES:
        return False
    width = max(line.end - line.start for line in paragraph)
    return width >= LEAST_WIDTH and all(
        line.end - line.start + 1 + _first_word(text, following) > width for line, following in pairwise(paragraph)
    )


def _first_word(text: str, line: Line) -> int:
    place = line.content
    while place < line.end and not text[place].isspace():
        place += 1
    return place - line.content


def _flows(text: str, line: Line, following: Line, shows_width: bool) -> bool:
    """Whether a sentence goes on from one line to the next."""
    content = text[line.content : line.end]
    if line.end - line.start < LEAST_WIDTH or content.endswith(("  ", "\\")):
        return False
    ending = content.rstrip().rstrip(CLOSING)
    if not ending or ending[-1] in ENDS or following.content - following.start != _indentation(line):
        return False
    return shows_width or text[following.content].islower()


def _indentation(line: Line) -> int:
    return line.content - line.start
