"""Blocks of HTML: what is in them, what is not, and that any text can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.edits import edit
from nmt.text.html import tokenize
from nmt.text.markup import Block, escape, parse_html

PARTS = """
< > & a b. <b> </b> <i> </I> <b <a&amp; <img> <br> <p> </p> <li> <td> <pre> </pre> <code> </code> <svg> </svg>
<svg/> <!-- --> <!-- <? <![CDATA[ ]]> <script> </script> <title> </title> <textarea> &amp; &nbsp; &#65 &; \0
"""
OTHERS = """ |\n|\n\n|\r\n\t|<a href='x>y' title="&lt;">|</a>|<p translate=no>|<i class='notranslate'>"""
SNIPPETS = st.sampled_from(PARTS.split() + OTHERS.split("|"))
BROKEN = st.one_of(st.text(max_size=25), st.lists(SNIPPETS, max_size=15).map("".join))


def plain(text: str) -> list[str]:
    return [edit(text[block.start : block.end], block.edits).text for block in parse_html(text)]


def kept(text: str) -> list[str]:
    return [text[one.start : one.end] for block in parse_html(text) for one in block.protected]


def tags(text: str, block: Block) -> list[tuple[str, str]]:
    return [(text[e.open_start : e.open_end], text[e.close_start : e.close_end]) for e in block.elements]


@given(BROKEN)
def test_blocks_are_disjoint_and_in_order_and_hold_text(text: str) -> None:
    reached = 0
    for block in parse_html(text):
        assert reached <= block.start < block.end <= len(text)
        assert text[block.start : block.end].strip()
        reached = block.end


@given(BROKEN)
def test_edits_are_whole_tags_references_and_line_breaks(text: str) -> None:
    markup = {(token.start, token.end) for token in tokenize(text) if token.kind != "text"}
    for block in parse_html(text):
        edit(text[block.start : block.end], block.edits)
        for one in block.edits:
            raw = text[block.start + one.start : block.start + one.end]
            if not one.replacement and raw[0] == "<":
                assert any(block.start + one.start == start for start, _ in markup)
            else:
                assert raw[0] == "&" or (raw.isspace() and one.replacement == " ")


@given(BROKEN)
def test_each_tag_taken_out_belongs_to_one_element(text: str) -> None:
    for block in parse_html(text):
        taken_out = [
            (block.start + one.start, block.start + one.end)
            for one in block.edits
            if text[block.start + one.start] == "<"
        ]
        of_elements = sorted(tag for element in block.elements for tag in element.tags())
        assert [tag for tag in of_elements if block.start <= tag[0] < block.end] == taken_out


@given(BROKEN)
def test_elements_never_overlap(text: str) -> None:
    elements = {element for block in parse_html(text) for element in block.elements}
    open_ends: list[int] = []
    for element in sorted(elements, key=lambda element: element.start):
        while open_ends and open_ends[-1] <= element.start:
            open_ends.pop()
        assert not open_ends or element.close_start <= open_ends[-1]
        open_ends.append(element.close_start)


@given(BROKEN)
def test_protected_stretches_stay_as_they_are(text: str) -> None:
    for block in parse_html(text):
        edited = edit(text[block.start : block.end], block.edits)
        for one in block.protected:
            start, end = edited.forward(one.start - block.start, one.end - block.start)
            assert edited.text[start:end] == text[one.start : one.end]


@given(BROKEN, st.data())
def test_widened_spans_of_disjoint_spans_are_disjoint(text: str, data: st.DataObject) -> None:
    for block in parse_html(text):
        edited = edit(text[block.start : block.end], block.edits)
        places = sorted(data.draw(st.lists(st.integers(0, len(edited.text)), max_size=6)))
        reached = block.start
        for start, end in zip(places[::2], places[1::2], strict=False):
            core = edited.text[start:end].strip()
            if core:
                start = edited.text.index(core, start)
                raw = [block.start + place for place in edited.back(start, start + len(core))]
                widened = block.widened(text, raw[0], raw[1])
                assert reached <= widened.start <= raw[0] and raw[1] <= widened.end <= block.end
                reached = widened.end


@given(st.text("ab&<>\"' \xa0;#"))
def test_escaped_text_reads_as_the_text(text: str) -> None:
    for nbsp in (False, True):
        escaped = edit(text, escape(text, nbsp=nbsp)).text
        assert "".join(plain(f"<p>x{escaped}</p>")) == "x" + text
        assert ("\xa0" in escaped) == ("\xa0" in text and not nbsp)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", ["Hello"]),
        (" \n ", []),
        ("<p>One</p><p>Two</p>three", ["One", "Two", "three"]),
        ("<P>One<p>Two", ["One", "Two"]),
        ("One<br>two<br/>three<hr>four", ["One", "two", "three", "four"]),
        ("<ul><li>One<li><b>Two</b></ul>", ["One", "Two"]),
        ("<table><tr><td>One</td><th>Two</th></tr></table>", ["One", "Two"]),
        ("<select><option>One<option>Two</select><button>Three</button>", ["One", "Two", "Three"]),
        ("<title>A <b> &amp; c</title><h1>D</h1>", ["A <b> & c", "D"]),
        ("<pre>One</pre>Two<textarea>Three</textarea><p>Four", ["Two", "Four"]),
        ("One <script>no</script><style>no</style>two", ["One two"]),
        ("Click <svg><title>no</title></svg> here <svg/>now", ["Click  here now"]),
        ("a<!-- b -->c <!DOCTYPE x>d", ["ac d"]),
        ("<b>One</b> <custom-x>two</custom-x>&nbsp;&lt;3", ["One two\xa0<3"]),
        ("One\n  two\r\nthree\n\nfour", ["One two three\n\nfour"]),
        ("One <div translate=no>no<p>no</p></div>two", ["One ", "two"]),
        ("<p translate='no'>no<p>One", ["One"]),
        ("<p class='a notranslate b'>no</p><p class=notranslates>One", ["One"]),
        ("One <code>two", ["One two"]),
        ("<code><p>no</p></code>One", ["One"]),
        ("if a < b & c <3", ["if a < b & c <3"]),
        ("One <b", ["One "]),
    ],
)
def test_what_is_read(text: str, expected: list[str]) -> None:
    assert plain(text) == expected


def test_what_is_protected() -> None:
    text = (
        "a <code>x <b>y</b></code> b <KBD>z</KBD> c <i translate='no'>d <i>e</i></i> f "
        "<span class='notranslate'>g</span> h <math><mi>i</mi></math> j"
    )
    assert kept(text) == [
        "<code>x <b>y</b></code>",
        "<KBD>z</KBD>",
        "<i translate='no'>d <i>e</i></i>",
        "<span class='notranslate'>g</span>",
        "<math><mi>i</mi></math>",
    ]
    assert not kept("<b translate=yes>a</b> <img translate=no> <i title='translate no'>b</i>")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <b>c</b>", [[("<b>", "</b>")]]),
        ("a <b>c", [[("<b>", "")]]),
        ("a</b> c", [[("", "</b>")]]),
        ("<b>a<i>b</b>c</i>", [[("<b>", "</b>"), ("<i>", ""), ("", "</i>")]]),
        ("a <img><!-- b --> c", [[("<img>", ""), ("<!-- b -->", "")]]),
        ("<b>a<br>c</b>", [[("<b>", "</b>")], [("<b>", "</b>")]]),
        ("<a href=x><div>a</div></a>", [[]]),
        ("<p>a <b>c</p><p>d", [[("<b>", "")], []]),
    ],
)
def test_elements_of_blocks(text: str, expected: list[list[tuple[str, str]]]) -> None:
    assert [tags(text, block) for block in parse_html(text)] == expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("<b>Hello</b> world", "Hello</b> world", "<b>Hello</b> world"),
        ("<b>Hello world</b>", "Hello world", "Hello world"),
        ("<i><b> Hello</b> world.</i>", "Hello</b> world.", "<b> Hello</b> world."),
        ("One. <a>Two</a> <b>three.</b> </i>", "Two</a> <b>three.", "<a>Two</a> <b>three.</b>"),
        ("<b>One. Two</b>", "One.", "One."),
        ("<b>- One</b> two", "One</b> two", "One</b> two"),
        ("<b></b>One", "One", "One"),
    ],
)
def test_widening(text: str, words: str, expected: str) -> None:
    (block,) = parse_html(text)
    start = text.index(words)
    span = block.widened(text, start, start + len(words))
    assert text[span.start : span.end] == expected


def test_elements_in_a_span_have_a_tag_there() -> None:
    text = "<b>a <i>b</i> c</b> d <u>e</u>"
    (block,) = parse_html(text)
    found = block.elements_in(3, text.index("d"))
    assert [text[one.open_start : one.open_end] for one in found] == ["<b>", "<i>"]
    assert not block.elements_in(3, 5)


UNITS = """
< <! <!-- <? </ </a <a <b> </b> <b></i> <![CDATA[ <![CDATA[> & &# &a <script <script> <title> <code> <svg> <p>a <a<b
<b>a</i> <i></b> <code>a</code>
"""
SPACED_UNITS = ['<a x=">" ', "<a x='", "<a =", "<a / ", " ", "\n", " \n", "<i translate=no><p>", "x <b>y. "]


@pytest.mark.parametrize("unit", UNITS.split() + SPACED_UNITS)
def test_long_broken_text_is_read(unit: str) -> None:
    text = "x" + unit * (100_000 // len(unit))
    reached = 0
    for block in parse_html(text):
        assert reached <= block.start < block.end
        reached = block.end
