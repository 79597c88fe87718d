"""HTML as blocks: runs of text that a reader sees as one, with the tags, references and kept parts in them."""

# Spans are half-open, in code points of the raw text unless said otherwise.

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from nmt.text.edits import Edit
from nmt.text.elements import Element, Nesting
from nmt.text.html import COMMENT, FOREIGN, Token, attributes, references, tokenize
from nmt.text.listed import word_set
from nmt.text.protect import Protected
from nmt.text.segments import Span

__all__ = ["Block", "Element", "escape", "parse_html"]

BORDERS = word_set(
    "address applet article aside audio blockquote body br button canvas caption center col colgroup datalist dd "
    "details dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header "
    "hgroup hr html label legend li listing main map marquee menu nav noscript object ol optgroup option p plaintext "
    "pre search section select summary table tbody td template textarea tfoot th thead title tr ul video xmp"
)
"""Elements before, behind and at whose tags a sentence ends."""
VOID = word_set("area base basefont bgsound embed img input keygen link meta param source track wbr")
KEPT = word_set("code kbd math samp var")
"""Elements that mean something in a sentence and are never translated."""
OPAQUE = KEPT | {"pre", "svg"}
BLANKS = re.compile(r"[ \t\n\r\f]++")
LINE_BREAK = re.compile(r"\r\n|\n|\r")
ANY_BLANKS = re.compile(r"\s*+")
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True)
class Block:
    """A run of text, inline elements included, between tags that end a sentence; or any other stretch of text.

    `edits` make its raw text the plain one (`edit(text[start:end], edits)`; they count from its start): tags and
    comments are taken out, references become characters, and a single line break with the blanks around it becomes a
    space. `protected` stretches, tags included, are the same in the plain text. `elements`, by where they begin, are
    those with a tag in the block and outside of protected stretches; the other tag may lie in another block.
    """

    start: int
    end: int
    elements: Sequence[Element] = ()
    edits: Sequence[Edit] = ()
    protected: Sequence[Protected] = ()

    def elements_in(self, start: int, end: int) -> tuple[Element, ...]:
        """The elements with a tag in this span, by where they begin."""
        first, last = self._tags_in(start, end)
        found = {index for _, _, index in self._tags[first:last]}
        return tuple(self.elements[index] for index in sorted(found))

    def widened(self, text: str, start: int, end: int) -> Span:
        """A span of words with those tags at its edges whose other tags are in the span.

        `<b>Hello</b> world` begins at `<b>`, though its first word doesn't; `<b>Hello world</b>` stays without tags,
        for they stand around it whatever its translation is. Between such a tag and the words may be other tags and
        white space. Widened spans of disjoint spans are disjoint.
        """
        tags, elements = self._tags, self.elements
        first, last = self._tags_in(start, end)
        new_start = place = start
        for tag_start, tag_end, index in (tags[at] for at in range(first - 1, -1, -1)):
            if not ANY_BLANKS.fullmatch(text, tag_end, place):
                break
            place, element = tag_start, elements[index]
            if tag_start == element.open_start and start <= element.close_start < end:
                new_start = tag_start
        new_end = place = end
        for tag_start, tag_end, index in (tags[at] for at in range(last, len(tags))):
            if not ANY_BLANKS.fullmatch(text, place, tag_start):
                break
            place, element = tag_end, elements[index]
            if tag_start == element.close_start and start <= element.open_start < end:
                new_end = tag_end
        return Span(new_start, new_end)

    @cached_property
    def _tags(self) -> list[tuple[int, int, int]]:
        """Start, end and element of each tag, in order."""
        tags = ((*tag, index) for index, element in enumerate(self.elements) for tag in element.tags())
        return sorted(tag for tag in tags if self.start <= tag[0] < self.end)

    def _tags_in(self, start: int, end: int) -> tuple[int, int]:
        return bisect_left(self._tags, (start,)), bisect_left(self._tags, (end,))


def parse_html(text: str) -> list[Block]:
    """The blocks of an HTML text that hold more than white space, in order, disjoint.

    What lies outside of them is no text, or text that is kept: block-level tags, `<br>`, scripts, `<pre>`, elements
    with `translate="no"` or of class `notranslate` that hold such tags, comments between blocks. Inside, `<code>`,
    `<kbd>`, `<samp>`, `<var>`, `<math>` and elements marked as above are protected; pictures (`<img>`, `<svg>`),
    scripts and comments are elements without content. Attributes are never touched. Takes any text, broken HTML too,
    in a time that grows with its length.
    """
    tokens = list(tokenize(text))
    builder = _Builder(text)
    index = 0
    for first, last, is_border in _opaque(text, tokens):
        for token in tokens[index:first]:
            builder.add(token)
        builder.keep(tokens[first].start, tokens[last].end, tokens[first].name, is_border=is_border)
        index = last + 1
    for token in tokens[index:]:
        builder.add(token)
    return builder.blocks()


def escape(text: str, *, nbsp: bool = False) -> list[Edit]:
    """What makes plain text HTML: references for `&`, `<` and `>`, quotes stay; for no-break spaces too if `nbsp`."""
    escapes = {**ESCAPES, "\xa0": "&nbsp;"} if nbsp else ESCAPES
    return [Edit(at, at + 1, escapes[character]) for at, character in enumerate(text) if character in escapes]


def _opaque(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int, bool]]:
    """First and last token of each outermost element whose content is kept, and whether it ends a sentence.

    It reaches to the closing tag of its name; without one, up to the next border if it is one itself, else it is none.
    """
    partners = _partners(tokens)
    borders = [index for index, token in enumerate(tokens) if token.name in BORDERS]
    done = 0
    for index, token in enumerate(tokens):
        if index < done or token.kind != "open" or not _is_opaque(text, token):
            continue
        next_border = bisect_right(borders, index)
        last = partners.get(index)
        if last is None and token.name in BORDERS:
            last = (borders[next_border] if next_border < len(borders) else len(tokens)) - 1
        if last is None:
            continue
        holds_border = next_border < len(borders) and borders[next_border] <= last
        yield index, last, token.name in BORDERS or (holds_border and token.name not in FOREIGN)
        done = last + 1


def _partners(tokens: Sequence[Token]) -> dict[int, int]:
    """The closing tag of each opening one of the same name, other names not looked at."""
    partners: dict[int, int] = {}
    waiting: dict[str, list[int]] = {}
    for index, token in enumerate(tokens):
        if token.kind == "open":
            waiting.setdefault(token.name, []).append(index)
        elif token.kind == "close" and waiting.get(token.name):
            partners[waiting[token.name].pop()] = index
    return partners


def _is_opaque(text: str, token: Token) -> bool:
    if token.name in VOID or (token.name in FOREIGN and text.endswith("/>", token.start, token.end)):
        return False
    if token.name in OPAQUE:
        return True
    tag = text[token.start : token.end]
    if "translate" not in tag.lower():
        return False
    said = attributes(tag)
    return said.get("translate", "").strip().lower() == "no" or "notranslate" in said.get("class", "").lower().split()


class _Builder:
    """Takes what a text consists of, in order, and makes blocks of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.nesting = Nesting()
        self.runs: list[Block] = []
        self._begin(0)

    def add(self, token: Token) -> None:
        start, end = token.start, token.end
        if token.name in BORDERS:
            self._border(start, end)
        elif token.kind == "text":
            self._add_text(start, end)
        else:
            self.edits.append(Edit(start, end, ""))
            is_foreign = token.name in FOREIGN and self.text.endswith("/>", start, end)
            if token.kind == "whole" or token.name in VOID or is_foreign:
                self.nesting.single(start, end)
            elif token.kind == "open":
                self.nesting.open(token.name, start, end)
            else:
                self.nesting.close(token.name, start, end)

    def keep(self, start: int, end: int, name: str, *, is_border: bool) -> None:
        """Adds an element that is kept as a whole."""
        if is_border:
            self._border(start, end)
        elif name == "svg":
            self.add(Token("whole", start, end, COMMENT))
        else:
            self.protected.append(Protected(start, end, "markup"))

    def blocks(self) -> list[Block]:
        self._border(len(self.text), len(self.text))
        starts = [run.start for run in self.runs]
        elements: list[list[Element]] = [[] for _ in self.runs]
        for element in self.nesting.finished(len(self.text)):
            runs = {bisect_right(starts, start) - 1 for start, _ in element.tags()}
            for run in runs:
                if run >= 0 and any(self.runs[run].start <= start < self.runs[run].end for start, _ in element.tags()):
                    elements[run].append(element)
        pairs = zip(self.runs, elements, strict=True)
        return [Block(run.start, run.end, tuple(mine), run.edits, run.protected) for run, mine in pairs]

    def _begin(self, start: int) -> None:
        self.start = start
        self.has_text = False
        self.edits: list[Edit] = []
        self.protected: list[Protected] = []

    def _border(self, start: int, end: int) -> None:
        if self.has_text:
            edits = tuple(Edit(one.start - self.start, one.end - self.start, one.replacement) for one in self.edits)
            self.runs.append(Block(self.start, start, (), edits, tuple(self.protected)))
        self._begin(end)

    def _add_text(self, start: int, end: int) -> None:
        self.has_text = self.has_text or not self.text[start:end].isspace()
        edits = [Edit(first, last, said) for first, last, said in references(self.text, start, end)]
        breaks = [one.span() for one in BLANKS.finditer(self.text, start, end) if len(LINE_BREAK.findall(one[0])) == 1]
        edits += [Edit(first, last, " ") for first, last in breaks]
        self.edits += sorted(edits, key=lambda one: one.start)
