"""Edits of a text, and the way from a place in the old text to the new one and back."""

# Spans are half-open, in code points.

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Piece = tuple[tuple[int, int], tuple[int, int]]  # span in the old text, span in the new one
OLD, NEW = 0, 1


@dataclass(frozen=True)
class Edit:
    """Puts `replacement` in the place of the half-open span `start`, `end`; an empty span inserts."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True)
class Edited:
    """A text after edits: `original` as it was, `text` as it is.

    `pieces` pairs the spans of what was edited, old and new, in order; all else is the same in both texts.
    """

    original: str
    text: str
    pieces: tuple[Piece, ...] = ()

    def forward(self, start: int, end: int) -> tuple[int, int]:
        """The span of the new text that came of `start`, `end` of the old one.

        A span that holds a character of an edited piece is widened to the whole piece; untouched text is mapped
        exactly, without what was inserted at its edges. What was deleted gives the empty span at its place. An empty
        span stays empty, except where text was inserted there (all of it is the answer) and inside an edited piece
        (the whole piece). `back(*forward(*span))` holds every character of the span but deleted ones at its edges.
        Raises ValueError for a span outside the text.
        """
        return self._across(OLD, NEW, start, end, len(self.original))

    def back(self, start: int, end: int) -> tuple[int, int]:
        """The span of the old text that gave `start`, `end` of the new one: `forward` the other way round.

        What was inserted gives the empty span at its place; an empty span where text was deleted gives all of that
        text. `forward(*back(*span))` holds every character of the span but inserted ones at its edges.
        """
        return self._across(NEW, OLD, start, end, len(self.text))

    def then(self, edits: Iterable[Edit]) -> "Edited":
        """Further edits, of the new text. The maps of the answer lead from the first text to the last.

        Pieces of both that share characters become one. Raises ValueError as `edit` does.
        """
        later = edit(self.text, edits)
        return Edited(self.original, later.text, _composed(self.pieces, later.pieces))

    def _across(self, source: int, target: int, start: int, end: int, length: int) -> tuple[int, int]:
        if not 0 <= start <= end <= length:
            raise ValueError(f"span {start}, {end} of a text of {length} characters")
        pieces = self.pieces
        if start == end:
            first = bisect_left(pieces, start, key=lambda piece: piece[source][1])
            last = bisect_right(pieces, start, key=lambda piece: piece[source][0])
            holding = [piece for piece in pieces[first:last] if _holds_point(piece[source], start)]
            if holding:
                return holding[0][target][0], holding[-1][target][1]
            passed = bisect_right(pieces, start, key=lambda piece: piece[source][1])
            point = start + _shift(pieces, passed, source, target)
            return point, point
        return self._edge(source, target, start, 0), self._edge(source, target, end - 1, 1)

    def _edge(self, source: int, target: int, place: int, side: int) -> int:
        """Where the character at `place` begins (side 0) or ends (side 1) on the other side."""
        passed = bisect_right(self.pieces, place, key=lambda piece: piece[source][1])
        if passed < len(self.pieces) and self.pieces[passed][source][0] <= place:
            return self.pieces[passed][target][side]
        return place + side + _shift(self.pieces, passed, source, target)


def edit(text: str, edits: Iterable[Edit]) -> Edited:
    """The text with all edits made; their spans count in `text` as given.

    In any order; of several insertions at one place the first given comes first, and before a replacement that begins
    there. Raises ValueError where two overlap or one lies outside the text.
    """
    parts: list[str] = []
    pieces: list[Piece] = []
    done = length = 0
    for change in sorted(edits, key=lambda change: (change.start, change.end)):
        if not 0 <= change.start <= change.end <= len(text):
            raise ValueError(f"{change} lies outside a text of {len(text)} characters")
        if change.start < done:
            raise ValueError(f"{change} overlaps the edit before it, which ends at {done}")
        length += change.start - done
        parts += (text[done : change.start], change.replacement)
        done = change.end
        if change.start < change.end or change.replacement:
            pieces.append(((change.start, change.end), (length, length + len(change.replacement))))
        length += len(change.replacement)
    return Edited(text, "".join([*parts, text[done:]]), tuple(pieces))


def _holds_point(span: tuple[int, int], point: int) -> bool:
    return span[0] < point < span[1] or span == (point, point)


def _shift(pieces: Sequence[Piece], passed: int, source: int, target: int) -> int:
    """How far untouched text has moved after so many pieces."""
    return pieces[passed - 1][target][1] - pieces[passed - 1][source][1] if passed else 0


def _composed(first: Sequence[Piece], second: Sequence[Piece]) -> tuple[Piece, ...]:
    """Pieces old -> middle and middle -> new as pieces old -> new."""
    order = sorted(
        [(piece[NEW], OLD) for piece in first] + [(piece[OLD], NEW) for piece in second]
    )  # spans in the middle text, and whose they are
    result: list[Piece] = []
    passed = [0, 0]
    place = 0
    while place < len(order):
        (start, end), owner = order[place]
        before = _shift(first, passed[OLD], NEW, OLD), _shift(second, passed[NEW], OLD, NEW)
        owners = {owner}
        passed[owner] += 1
        place += 1
        while place < len(order):
            (next_start, next_end), owner = order[place]
            same_point = start == end == next_start == next_end and owners != {owner}
            if next_start >= end and not same_point:
                break
            end = max(end, next_end)
            owners.add(owner)
            passed[owner] += 1
            place += 1
        after = _shift(first, passed[OLD], NEW, OLD), _shift(second, passed[NEW], OLD, NEW)
        piece = (start + before[OLD], end + after[OLD]), (start + before[NEW], end + after[NEW])
        if piece[OLD][0] < piece[OLD][1] or piece[NEW][0] < piece[NEW][1]:
            result.append(piece)
    return tuple(result)
