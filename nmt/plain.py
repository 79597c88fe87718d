"""A block of a text as a person reads it: without tags and emoji, with what is protected known."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nmt.text.edits import Edit, Edited, edit
from nmt.text.elements import Element, Nesting
from nmt.text.markup import Block
from nmt.text.protect import Patterns, Protected, find_protected, merged
from nmt.text.segments import Span, stripped

PARAGRAPH = "\n\n"
_MARKS = ("emoji", "tag", "break")  # say nothing in a sentence
_TAG = re.compile(r"<(/?)([\w:-]+)[^>]*?(/?)>")


@dataclass(frozen=True)
class PlainBlock:
    """`source` is the whole text, `text` the block's plain text, in which all spans count unless said otherwise.

    `protected` says something in a sentence (an address, a placeholder); what doesn't (emoji, tags) is taken out, and
    is among the elements of `block`. `readable` and `words_only` are as long as `text`, with letters and with white
    space in place of what is protected.
    """

    source: str
    block: Block
    edited: Edited
    protected: tuple[Protected, ...]
    readable: str
    words_only: str

    @classmethod
    def of(cls, source: str, block: Block, patterns: Patterns) -> "PlainBlock":
        untagged = edit(source[block.start : block.end], block.edits)
        kept = [
            Protected(*untagged.forward(one.start - block.start, one.end - block.start), one.kind)
            for one in block.protected
        ]
        found = merged(kept, find_protected(untagged.text, patterns))
        marks = [one for one in found if one.kind in _MARKS and not _holds_elements(untagged, block, one)]
        edits = [_without(untagged.text, one) for one in marks]
        moved = edit(untagged.text, edits)
        outside = set(marks)
        said = _joined([one for one in found if one not in outside])
        protected = tuple(Protected(*moved.forward(one.start, one.end), one.kind) for one in said)
        elements = _elements(untagged, block, marks)
        return cls(
            source,
            replace(block, elements=tuple(sorted((*block.elements, *elements), key=lambda one: one.start))),
            untagged.then(edits),
            protected,
            masked(moved.text, protected, "x"),
            masked(moved.text, protected, " "),
        )

    @property
    def text(self) -> str:
        return self.edited.text

    def original(self, start: int, end: int) -> Span:
        """The span in the whole text."""
        first, last = self.edited.back(start, end)
        return Span(first + self.block.start, last + self.block.start)

    def protected_in(self, span: Span) -> list[Protected]:
        first = bisect_left(self.protected, (span.start,))
        last = bisect_left(self.protected, (span.end,), first)
        return [one for one in self.protected[first:last] if one.end <= span.end]

    def without_mentions(self, span: Span) -> Span:
        """Without the mentions that a sentence begins or ends with: they address people, and say nothing in it."""
        start, end = span
        mentions = [one for one in self.protected_in(span) if one.kind == "mention"]
        for one in mentions:
            if not self.text[start : one.start].strip():
                start = one.end
        for one in reversed(mentions):
            if one.start >= start and not self.text[one.end : end].strip():
                end = one.start
        return stripped(self.readable, start, end)


def _holds_elements(untagged: Edited, block: Block, mark: Protected) -> bool:
    """Whether tags stand inside a mark, which then can't be set as a whole: `&lt;a<wbr>b&gt;`."""
    start, end = untagged.back(mark.start, mark.end)
    return bool(block.elements_in(start + block.start, end + block.start))


def _joined(protected: Sequence[Protected]) -> list[Protected]:
    """Neighbours of one kind that touch, `%s%s`, as one: they stay together."""
    joined: list[Protected] = []
    for one in protected:
        if joined and joined[-1].end == one.start and joined[-1].kind == one.kind:
            joined[-1] = joined[-1]._replace(end=one.end)
        else:
            joined.append(one)
    return joined


def _without(text: str, mark: Protected) -> Edit:
    """What takes a mark out: a border in its place, or white space where words would run together."""
    if mark.kind == "break":
        return Edit(mark.start, mark.end, PARAGRAPH)
    joins = (
        mark.kind == "emoji" and text[mark.start - 1 : mark.start].isalnum() and text[mark.end : mark.end + 1].isalnum()
    )
    return Edit(mark.start, mark.end, " " if joins else "")


def _elements(untagged: Edited, block: Block, marks: Sequence[Protected]) -> Iterator[Element]:
    """The marks as elements of the whole text; tags of plain text as pairs where they are some."""
    nesting = Nesting()
    for mark in marks:
        start, end = (place + block.start for place in untagged.back(mark.start, mark.end))
        tag = _TAG.fullmatch(untagged.text, mark.start, mark.end) if not block.edits else None
        if tag is None or tag[3]:
            nesting.single(start, end)
        elif tag[1]:
            nesting.close(tag[2], start, end)
        else:
            nesting.open(tag[2], start, end)
    yield from nesting.finished(block.end)


def masked(text: str, protected: Sequence[Protected], mask: str) -> str:
    """`text` with as many masks as it has characters in the place of each protected stretch."""
    parts: list[str] = []
    done = 0
    for one in protected:
        parts += (text[done : one.start], mask * (one.end - one.start))
        done = one.end
    return "".join([*parts, text[done:]])
