"""The elements of a sentence as a tree over its words."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nmt.text.elements import Element
from nmt.text.segments import Span


@dataclass(eq=False)
class Node:
    """An element, or what of it lies in the sentence, around the source words `first` to `last`, one past.

    `opening` and `closing` are the spans of its tags in the sentence; an empty one stands for none.
    `is_open_before`: it begins before the sentence. `is_open_after`: it ends after it. `spaced`: whether white space
    stands before and behind it, other tags not looked at. `is_glued` to the tags right before it.
    """

    first: int
    last: int
    opening: tuple[int, int]
    closing: tuple[int, int]
    is_open_before: bool = False
    is_open_after: bool = False
    spaced: tuple[bool, bool] = (False, False)
    is_glued: bool = False
    children: list["Node"] = field(default_factory=list)

    def tags(self) -> Iterator[tuple[int, int]]:
        """The tags of this node and all in it, in order."""
        waiting: list[Node | tuple[int, int]] = [self]
        while waiting:
            item = waiting.pop()
            if isinstance(item, Node):
                waiting += (item.closing, *reversed(item.children), item.opening)
            elif item[0] < item[1]:
                yield item


def grow(source: str, span: Span, elements: Iterable[Element], places: Sequence[int]) -> Node:
    """The root, which is the sentence: all words, no tags. `places` are those of its words, in order.

    Elements with no tag in the span are left out.
    """
    root = Node(0, len(places), (span.start, span.start), (span.end, span.end))
    blanks = _Blanks(source, span, tags_in(span, elements))
    path = [(root, span.end)]  # with where each one's content ends
    for element in sorted(elements, key=lambda element: element.start):
        node = _node(element, span, places)
        if node is None:
            continue
        node.spaced = blanks.before(element.open_start), blanks.behind(element.close_end)
        node.is_glued = not source[element.open_start - 1 : element.open_start].isspace()
        while len(path) > 1 and path[-1][1] <= element.start:
            path.pop()
        path[-1][0].children.append(node)
        path.append((node, element.close_start))
    return root


def tags_in(span: Span, elements: Iterable[Element]) -> list[tuple[int, int]]:
    """The tags in the span, in order."""
    return sorted(tag for element in elements for tag in element.tags() if _holds(span, tag))


def _holds(span: Span, tag: tuple[int, int]) -> bool:
    return span.start <= tag[0] and tag[1] <= span.end


def _node(element: Element, span: Span, places: Sequence[int]) -> Node | None:
    if not any(_holds(span, tag) for tag in element.tags()):
        return None
    before = element.open_start < span.start
    is_unclosed = element.close_start == element.close_end > element.open_end
    after = element.close_end > span.end or (is_unclosed and element.close_end == span.end)
    opening = (span.start, span.start) if before else (element.open_start, element.open_end)
    closing = (span.end, span.end) if after else (element.close_start, element.close_end)
    first, last = bisect_left(places, opening[1]), bisect_left(places, closing[0])
    return Node(first, max(first, last), opening, closing, before, after)


class _Blanks:
    """Where white space is in a span, looked at across tags; there is none at its edges."""

    def __init__(self, source: str, span: Span, tags: Sequence[tuple[int, int]]) -> None:
        self.source, self.span = source, span
        self.before_run: dict[int, bool] = {}  # by where a tag ends
        self.behind_run: dict[int, bool] = {}  # by where a tag begins
        for start, end in tags:
            self.before_run[end] = self.before(start)
        for start, end in reversed(tags):
            self.behind_run[start] = self.behind(end)

    def before(self, place: int) -> bool:
        if place in self.before_run:
            return self.before_run[place]
        return place > self.span.start and self.source[place - 1].isspace()

    def behind(self, place: int) -> bool:
        if place in self.behind_run:
            return self.behind_run[place]
        return place < self.span.end and self.source[place].isspace()
