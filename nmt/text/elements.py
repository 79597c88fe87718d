"""Elements of markup: pairs of tags, and what stands alone; where each is in the text that was marked up."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Element:
    """An element's opening and closing tag, as half-open spans of the raw text.

    The span of a tag that isn't there is empty: that of a closing one is where the element ends, at the tag that ends
    its parent or at the end of the text; that of an opening one is where the stray closing tag begins. What has no
    content, an image or a comment, is an opening tag with nothing behind it.

    Elements of one text lie beside or inside each other; they never overlap.
    """

    open_start: int
    open_end: int
    close_start: int
    close_end: int

    @classmethod
    def single(cls, start: int, end: int) -> "Element":
        """One without content: an image, a comment, an emoji."""
        return cls(start, end, end, end)

    @property
    def start(self) -> int:
        return self.open_start

    @property
    def end(self) -> int:
        return self.close_end

    def tags(self) -> Iterator[tuple[int, int]]:
        """The tags that are there, one or two."""
        if self.open_start < self.open_end:
            yield self.open_start, self.open_end
        if self.close_start < self.close_end:
            yield self.close_start, self.close_end


class Nesting:
    """Makes elements of tags that come in order, whatever their order is.

    A closing tag closes the last open element of its name, and all that were opened in it and are still open. One
    without such an element is stray.
    """

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self._open: list[tuple[str, int, int]] = []
        self._count: Counter[str] = Counter()

    def open(self, name: str, start: int, end: int) -> None:
        self._open.append((name, start, end))
        self._count[name] += 1

    def single(self, start: int, end: int) -> None:
        self.elements.append(Element.single(start, end))

    def close(self, name: str, start: int, end: int) -> None:
        if not self._count[name]:
            self.elements.append(Element(start, start, start, end))
            return
        while self._open[-1][0] != name:
            self._end_last(start, start)
        self._end_last(start, end)

    def finished(self, end: int) -> list[Element]:
        """All elements, by where they begin; those still open end at `end`."""
        while self._open:
            self._end_last(end, end)
        return sorted(self.elements, key=lambda element: element.start)

    def _end_last(self, close_start: int, close_end: int) -> None:
        name, start, end = self._open.pop()
        self._count[name] -= 1
        self.elements.append(Element(start, end, close_start, close_end))
