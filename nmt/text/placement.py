"""Where the tags of a sentence go in its translation."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from nmt.text.edits import Edit
from nmt.text.elements import Element
from nmt.text.pairing import Pairing
from nmt.text.ranges import Placed, spread
from nmt.text.segments import Span
from nmt.text.tree import Node, grow, tags_in
from nmt.translation import Word

Event = tuple[int, str]  # place in the target text, what is put there


def place(
    source: str,
    span: Span,
    elements: Sequence[Element],
    source_words: Sequence[Word],
    target: str,
    target_words: Sequence[Word],
    links: Iterable[tuple[int, int]],
) -> list[Edit]:
    """Insertions into `target`, one for each place, in order, that put the source's tags into its translation.

    `span` is the sentence's in the whole raw text `source`, as `Block.widened` gives it; `elements` are those with
    tags in it, or more (`Block.elements_in`; emoji and other things to set between words as `Element.single`). The
    spans of `source_words` count in `source`, those of `target_words` in `target`, which is one line without tags,
    escaped already. `links` are (source word, target word), in any number.

    Every tag in the span is there once, to the byte. An element that begins before the span or ends after it keeps
    only the tag in the span, and reaches to the sentence's edge. Elements nest as in the source. One around all words
    of the sentence, or of its parent, stays so; another surrounds one run of target words, chosen as `spread` says. A
    tag stands right at a word, with white space outside of its element; what has no content, such as an image, is
    spaced from the words around it as it was. White space between the edge tags of the span and its words goes outside
    of them.
    """
    tags = tags_in(span, elements)
    if not tags:
        return []
    pairing = Pairing.of(source, tags, source_words, target, target_words, links)
    root = spread(grow(source, span, elements, pairing.places), pairing)
    leading, trailing = _edge_blanks(source, span, tags)
    events = [(0, leading), *_Scribe(source, target, pairing.spans).events(root), (len(target), trailing)]
    return list(_joined(events))


def _joined(events: Iterable[Event]) -> Iterator[Edit]:
    """One insertion for each place."""
    written = (event for event in events if event[1])
    for at, group in groupby(written, key=lambda event: event[0]):
        yield Edit(at, at, "".join(text for _, text in group))


def _edge_blanks(source: str, span: Span, tags: Sequence[tuple[int, int]]) -> tuple[str, str]:
    """The white space between the words of a span and its edges."""
    start, end = span
    leading, trailing = [], []
    for tag in [*tags, (end, end)]:
        gap = source[start : tag[0]]
        core = gap.lstrip()
        leading.append(gap[: len(gap) - len(core)])
        if core:
            break
        start = tag[1]
    else:
        return "".join(leading), ""
    for tag in [*reversed(tags), (start, start)]:
        gap = source[tag[1] : end]
        core = gap.rstrip()
        trailing.append(gap[len(core) :])
        if core:
            break
        end = tag[0]
    return "".join(leading), "".join(reversed(trailing))


class _Scribe:
    """Writes down what goes where, in the order of the target."""

    def __init__(self, source: str, target: str, words: Sequence[tuple[int, int]]) -> None:
        self.source, self.target, self.words = source, target, words

    def events(self, root: Placed) -> Iterator[Event]:
        waiting: list[Iterator[Event] | Placed] = [root]
        while waiting:
            item = waiting.pop()
            if not isinstance(item, Placed):
                yield from item
                continue
            node = item.node
            yield self._ahead(item.start), self.source[slice(*node.opening)]
            waiting.append(iter([(self._behind(item.end), self.source[slice(*node.closing)])]))
            parts: list[Iterator[Event] | Placed] = []
            for gap, group in groupby(item.children, key=lambda child: child.start if child.is_point else None):
                if gap is None:
                    parts += group
                else:
                    parts.append(iter([self._points(item, gap, [child.node for child in group])]))
            waiting += reversed(parts)

    def _behind(self, gap: int) -> int:
        """Right behind the word before a gap."""
        return self.words[gap - 1][1] if gap > 0 else 0

    def _ahead(self, gap: int) -> int:
        """Right before the word behind a gap."""
        return self.words[gap][0] if gap < len(self.words) else len(self.target)

    def _points(self, parent: Placed, gap: int, nodes: Sequence[Node]) -> Event:
        """What has no words, and stands in one gap, spaced as in the source as well as that can be."""
        parts = [self._text(nodes[0])]
        for node in nodes[1:]:
            parts += ("" if node.is_glued else " ", self._text(node))
        text = "".join(parts)
        before, behind = nodes[0].spaced[0], nodes[-1].spaced[1]
        if gap == parent.start:
            return self._ahead(gap), text + " " * behind
        if gap == parent.end:
            return self._behind(gap), " " * before + text
        start, end = self._behind(gap), self._ahead(gap)
        if start == end:
            return start, " " + text if before else text + " " * behind
        if before and behind:
            return (start, " " + text) if end - start == 1 else (start + 1, text)
        return (end if before else start), text

    def _text(self, node: Node) -> str:
        return "".join(self.source[slice(*tag)] for tag in node.tags())
