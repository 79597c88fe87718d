"""Tags in translations: each is there once, they nest as before, and they stand at the right words."""

import re
from collections import Counter
from html.parser import HTMLParser
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nmt.text.edits import Edit, Edited, edit
from nmt.text.elements import Element
from nmt.text.html import tokenize
from nmt.text.markup import Block, escape, parse_html
from nmt.text.placement import place
from nmt.text.segments import Span
from nmt.translation import Word

WORD = re.compile(r"<code>.*?</code>|[^\s.<>]+|[.<>]")
PARTS = "a bc de. f. g <b> </b> <b> </b> <i> </i> <a> </a> <img> <!--c--> &lt; <code>k</code> <br>"
SNIPPETS = st.sampled_from(PARTS.split() + [" ", " ", " ", " "])
MARKUP = st.lists(SNIPPETS, max_size=25).map("".join)
BROKEN = st.one_of(
    MARKUP, st.lists(st.sampled_from([*PARTS.split(), "<", "<b", "'", " ", "&"]), max_size=15).map("".join)
)


def words_of(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    found = WORD.finditer(text, start, len(text) if end is None else end)
    return [Word(one[0], *one.span(), index, index + 1) for index, one in enumerate(found)]


class Sentence:
    """A sentence of a block: its span in the raw text, its words there, and itself as escaped plain text."""

    def __init__(self, raw: str, block: Block, plain: Edited, start: int, end: int) -> None:
        def outer(start: int, end: int) -> tuple[int, int]:
            inner = plain.back(start, end)
            return inner[0] + block.start, inner[1] + block.start

        self.raw, self.block = raw, block
        self.span = block.widened(raw, *outer(start, end))
        words = words_of(plain.text, start, end)
        self.words = [Word(one.text, *outer(one.start, one.end), one.first_token, one.last_token) for one in words]
        kept = [plain.forward(one.start - block.start, one.end - block.start) for one in block.protected]
        escapes = [one for one in escape(plain.text) if not any(first <= one.start < last for first, last in kept)]
        escaped = edit(plain.text, escapes)
        spans = [escaped.forward(one.start, one.end) for one in words]
        offset = escaped.forward(start, end)[0]
        self.same = escaped.text[slice(*escaped.forward(start, end))]
        self.same_words = [
            Word(self.same[first - offset : last - offset], first - offset, last - offset, index, index + 1)
            for index, (first, last) in enumerate(spans)
        ]

    def translated(self, target: str, words: list[Word], links: list[tuple[int, int]]) -> str:
        elements = self.block.elements_in(*self.span)
        return edit(target, place(self.raw, self.span, elements, self.words, target, words, links)).text


def sentences_of(raw: str) -> list[Sentence]:
    found = []
    for block in parse_html(raw):
        plain = edit(raw[block.start : block.end], block.edits)
        for one in re.finditer(r"[^\s.](?:[^.]*[^\s.])?\.?", plain.text):
            found.append(Sentence(raw, block, plain, *one.span()))
    return found


def replaced(raw: str, sentences: list[Sentence], texts: list[str]) -> str:
    spans = [sentence.span for sentence in sentences]
    return edit(raw, [Edit(*span, text) for span, text in zip(spans, texts, strict=True)]).text


def tags(text: str) -> list[str]:
    return [text[token.start : token.end] for token in tokenize(text) if token.kind != "text"]


class Balance(HTMLParser):
    """Counts opening tags that are never closed, and closing ones that close nothing."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.faults = 0
        self.feed(text)
        self.close()
        self.faults += len(self.open)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            self.faults += 1
            return
        while self.open.pop() != tag:
            self.faults += 1


@given(BROKEN)
def test_the_same_words_have_the_same_tags(raw: str) -> None:
    sentences = sentences_of(raw)
    texts = [
        sentence.translated(sentence.same, sentence.same_words, [(i, i) for i in range(len(sentence.words))])
        for sentence in sentences
    ]
    assert tags(replaced(raw, sentences, texts)) == tags(raw)


@st.composite
def translations(draw: st.DrawFn, raws: st.SearchStrategy[str]) -> tuple[str, list[Sentence], list[str]]:
    """A text, its sentences, and for each any other words, linked anyhow, with its tags."""
    raw = draw(raws)
    sentences, texts = sentences_of(raw), []
    for sentence in sentences:
        target = " ".join(draw(st.lists(st.sampled_from(["a", "bc", "X.", "Y", "&lt;"]), max_size=6)))
        words = words_of(target)
        pairs = st.tuples(st.integers(0, len(sentence.words) - 1), st.integers(0, max(0, len(words) - 1)))
        links = draw(st.lists(pairs, max_size=10)) if sentence.words and words else []
        texts.append(sentence.translated(target, words, links))
    return raw, sentences, texts


@given(translations(BROKEN))
def test_every_tag_is_there_once_whatever_the_links(case: tuple[str, list[Sentence], list[str]]) -> None:
    raw, sentences, texts = case
    for sentence, text in zip(sentences, texts, strict=True):
        inside = Counter(
            raw[start:end]
            for element in sentence.block.elements
            for start, end in element.tags()
            if sentence.span.start <= start < sentence.span.end
        )
        assert Counter(tags(text)) == inside


@given(translations(MARKUP))
def test_tags_nest_as_well_as_before(case: tuple[str, list[Sentence], list[str]]) -> None:
    raw, sentences, texts = case
    assert Balance(replaced(raw, sentences, texts)).faults <= Balance(raw).faults


def tree(random: Random) -> str:
    """Well-formed markup in which each element has a name of its own."""
    names = iter(range(1000))

    def some(depth: int) -> str:
        parts = []
        for kind in random.choices(["word", "stop", "element", "img"], [4, 1, 3, 1], k=random.randint(0, 4)):
            name = f"e-{next(names)}"
            inside = some(depth - 1) if kind == "element" and depth else "w"
            parts.append({"word": "w", "stop": "w. ", "img": f"<img {name}>"}.get(kind, f"<{name}>{inside}</{name}>"))
        return random.choice("  _").replace("_", "").join(parts)

    return some(3)


@settings(max_examples=300)
@example(seed=502)
@example(seed=1081)
@given(seed=st.integers(0, 2**32))
def test_children_stay_in_their_parents(seed: int) -> None:
    random = Random(seed)
    raw = tree(random)
    sentences, texts = sentences_of(raw), []
    for sentence in sentences:
        target = " ".join(random.choices(["A", "B."], k=random.randint(0, 9)))
        words = words_of(target)
        links = [(random.randrange(len(sentence.words)), i) for i in range(len(words)) if random.random() < 0.9]
        texts.append(sentence.translated(target, words, links))
    assert parents(replaced(raw, sentences, texts)) == parents(raw)


def parents(text: str) -> dict[str, str]:
    """The tag that each tag stands in; names closed in another order than they were opened are a fault."""
    found, path = {}, [""]
    for tag in tags(text):
        if tag.startswith("</"):
            assert path.pop() == tag.replace("/", "")
        else:
            found[tag] = path[-1]
            if not tag.startswith("<img"):
                path.append(tag)
    assert path == [""]
    return found


def translate(raw: str, target: str, links: list[tuple[int, int]]) -> str:
    """A text of one sentence with `target` in its place."""
    (block,) = parse_html(raw)
    plain = edit(raw[block.start : block.end], block.edits)
    core = plain.text.strip()
    start = plain.text.index(core)
    sentence = Sentence(raw, block, plain, start, start + len(core))
    text = sentence.translated(target, words_of(target), links)
    return raw[: sentence.span.start] + text + raw[sentence.span.end :]


@pytest.mark.parametrize(
    ("raw", "target", "links", "expected"),
    [
        ("<b>Hello</b> world", "Hallo Welt", [(0, 0), (1, 1)], "<b>Hallo</b> Welt"),
        ("<b>Hello</b> world", "Welt hallo", [(0, 1), (1, 0)], "Welt <b>hallo</b>"),
        ("<b>Hello world</b>", "Welt hallo", [], "<b>Welt hallo</b>"),
        ("Hello <b>big </b>world", "Hallo große Welt", [(0, 0), (1, 1), (2, 2)], "Hallo <b>große</b> Welt"),
        ("<p> <b> Hello</b> world", "Welt hallo", [(0, 1), (1, 0)], "<p>  Welt <b>hallo</b>"),
        ("Hello <b>world </b> ", "Welt hallo", [(0, 1), (1, 0)], "<b>Welt</b> hallo  "),
        ("The <b>red</b> <i>house</i>", "la maison rouge", [(0, 0), (1, 2), (2, 1)], "la <i>maison</i> <b>rouge</b>"),
        ("I do <b>not</b> eat", "je ne mange pas", [(0, 0), (2, 1), (3, 2), (2, 3)], "je <b>ne mange pas</b>"),
        ("<b>a</b> b c d", "A B C D A", [(0, 0), (1, 1), (2, 2), (3, 3), (0, 4)], "<b>A</b> B C D A"),
        ("<a><b>one</b> two</a> three", "III II I", [(0, 2), (1, 1), (2, 0)], "III <a>II <b>I</b></a>"),
        (
            "<b>a b c d</b> <i>e f g</i> h",
            "A B E F G C D H",
            [(0, 0), (1, 1), (4, 2), (5, 3), (6, 4), (2, 5), (3, 6), (7, 7)],
            "<b>A B</b> <i>E F G</i> C D H",
        ),
        ("<i><b>one two</b></i> three", "X I II", [(0, 1), (2, 0)], "X <i><b>I</b></i> II"),
        # What has no links: beside its neighbours, or in proportion.
        ("a <b>b</b> c", "A X C", [(0, 0), (2, 2)], "A <b>X</b> C"),
        ("a <b>b</b> c", "A C", [(0, 0), (2, 1)], "A <b></b> C"),
        ("a <b>b c</b> d", "A B C D", [], "A <b>B C</b> D"),
        # What has no words is spaced as it was.
        ("a <img> b", "A B", [(0, 0), (1, 1)], "A <img> B"),
        ("a <img>b", "B A", [(0, 1), (1, 0)], "<img>B A"),
        ("x a <img>b", "B A X", [(0, 2), (1, 1), (2, 0)], "<img>B A X"),
        ("a<img> b", "A B", [(0, 0), (1, 1)], "A<img> B"),
        ("a <img><!-- c --> <img> b", "A B", [(0, 0), (1, 1)], "A <img><!-- c --> <img> B"),
        ("a <img>.", "A.", [(0, 0), (1, 1)], "A <img>."),
        ("a <b><img> b</b>", "B A", [(0, 1), (1, 0)], "<b><img> B</b> A"),
        ("<b>a <img></b> b", "B A", [(0, 1), (1, 0)], "B <b>A <img></b>"),
        # Tags in words.
        ("CO<sub>2</sub>-Gas da", "there is CO2 gas", [(0, 2), (0, 3), (1, 0)], "there is CO<sub>2</sub> gas"),
        ("<b>M</b>usik hier", "here Musik", [(0, 1), (1, 0)], "here <b>M</b>usik"),
        ("H<sub>2</sub>O ja", "oui eau", [(0, 1), (1, 0)], "oui eau<sub></sub>"),
        ("R&<b>D</b> a", "A R&amp;D", [(0, 1), (1, 0)], "A R&amp;<b>D</b>"),
        ("R&D<b>x</b> a", "A R&amp;Dx", [(0, 1), (1, 0)], "A R&amp;D<b>x</b>"),
        # Tags that have no partner.
        ("a <b>b c", "A C B", [(0, 0), (1, 2), (2, 1)], "A <b>C B"),
        ("a b</b> c", "C B A", [(0, 2), (1, 1), (2, 0)], "C B</b> A"),
        ("<b><i>a</b></i> b", "B A", [(0, 1), (1, 0)], "B <b><i>A</b></i>"),
        ("a <b>b</b>", "", [], "<b></b>"),
    ],
)
def test_where_tags_go(raw: str, target: str, links: list[tuple[int, int]], expected: str) -> None:
    assert translate(raw, target, links) == expected


def test_an_element_over_two_sentences_has_one_tag_in_each() -> None:
    raw = "One <b>two. Three</b> four."
    sentences = sentences_of(raw)
    assert [raw[slice(*one.span)] for one in sentences] == ["One <b>two.", "Three</b> four."]
    first = sentences[0].translated("Zwei eins.", words_of("Zwei eins."), [(0, 1), (1, 0), (2, 2)])
    second = sentences[1].translated("Vier drei.", words_of("Vier drei."), [(0, 1), (1, 0), (2, 2)])
    assert first == "<b>Zwei eins." and second == "Vier drei</b>."


def test_marks_of_plain_text_are_set_between_words() -> None:
    raw = "Hello \U0001f600 big world"
    words = [word for word in words_of(raw) if word.text.isalpha()]
    mark = Element.single(6, 7)
    target = "große Welt hallo"
    links = [(0, 2), (1, 0), (2, 1)]
    edits = place(raw, Span(0, len(raw)), [mark], words, target, words_of(target), links)
    assert edit(target, edits).text == "große Welt hallo \U0001f600"


def test_text_that_the_model_did_not_say_is_not_cut() -> None:
    raw = "a <img> b"
    target = 'B <code class="x y">z</code>'
    kept = [Word(part, target.index(part), target.index(part) + len(part), 0, 0) for part in target.split()[1:]]
    edits = place(raw, Span(0, len(raw)), [Element.single(2, 7)], words_of(raw, 0, 1), target, kept, [])
    assert all(one.start in (0, 2, len(target)) for one in edits)


@pytest.mark.parametrize("unit", ["<b>", "</b>", "<b></b>", "<img>", "<b>x </b>", "<b>x ", "</i><b>x ", "<b>x</b>"])
def test_many_tags_are_placed(unit: str) -> None:
    count = 60_000 // len(unit) if "x" not in unit else 400
    raw = "y " + unit * count + " z"
    (sentence,) = sentences_of(raw)
    target = "A B C D E F"
    text = sentence.translated(target, words_of(target), [(0, 5), (1, 0)])
    assert Counter(tags(text)) == Counter(tags(raw))
