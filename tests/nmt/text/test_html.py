"""Any text is HTML: tokens are the text again, and what a browser's rules say of them."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.html import attributes, references, tokenize

PARTS = """
< > & " ' = / ! - -- <!-- --> <!--> <![CDATA[ ]]> <!DOCTYPE <? ?> </ </> <b <b> </b> </B > <IMG <img> <a/>
<script> </script> <SCRIPT </script <style> </style> <title> </title> <svg> <svg/> </svg> <style/> <textarea>
<plaintext> &amp; &am &#x27; &#0; ; x ß
"""
OTHERS = [" ", "\n", "\r\n", "\u2028", "\0", "\U0001f600", " href=", ' class="', "<a href='x>y'>"]
SNIPPETS = st.sampled_from(PARTS.split() + OTHERS)
BROKEN = st.one_of(st.text(max_size=30), st.lists(SNIPPETS, max_size=15).map("".join))


class Recorder(HTMLParser):
    """The tags of a text as the standard library sees them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.tags: list[tuple[str, str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(("open", tag, {name: value or "" for name, value in reversed(attrs)}))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(("close", tag, {}))


def tags(text: str) -> list[tuple[str, str]]:
    return [(token.kind, text[token.start : token.end]) for token in tokenize(text) if token.kind != "text"]


@given(BROKEN)
def test_the_tokens_are_the_text(text: str) -> None:
    tokens = list(tokenize(text))
    assert "".join(text[token.start : token.end] for token in tokens) == text
    assert all(token.start < token.end for token in tokens)
    for token in tokens:
        attributes(text[token.start : token.end])


@given(BROKEN)
def test_references_lie_in_order_within_their_stretch(text: str) -> None:
    reached = 1
    for start, end, said in references(text, 1, max(1, len(text) - 1)):
        assert reached <= start < end <= len(text) - 1 and text[start] == "&" and said != text[start:end]
        reached = end


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["b", "I", "a", "img", "my-tag", "h1"]),
            st.dictionaries(
                st.sampled_from(["href", "CLASS", "data-x", "title"]), st.text("ab >='/<&;", max_size=5), max_size=3
            ),
            st.sampled_from(["'", '"']),
            st.text("ab \n", max_size=3),
        ),
        max_size=5,
    )
)
def test_whole_tags_are_those_of_the_standard_parser(pieces: list[tuple[str, dict[str, str], str, str]]) -> None:
    text = ""
    for name, given_attributes, quote, behind in pieces:
        cleaned = {key: value.replace(quote, "").replace("&", "") for key, value in given_attributes.items()}
        listed = "".join(f" {key}={quote}{value}{quote}" for key, value in cleaned.items())
        text += f"<{name}{listed}>{behind}</{name}>"
    recorder = Recorder()
    recorder.feed(text)
    recorder.close()
    mine = [
        (token.kind, token.name, attributes(text[token.start : token.end]) if token.kind == "open" else {})
        for token in tokenize(text)
        if token.kind != "text"
    ]
    assert mine == recorder.tags


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b <3 <", []),
        ("<a href=x>y</a>", [("open", "<a href=x>"), ("close", "</a>")]),
        ("<a title='>' x=\">\">", [("open", "<a title='>' x=\">\">")]),
        ("<a x='1>2", [("open", "<a x='1>")]),
        ("a <b and so on", [("whole", "<b and so on")]),
        ("<!-- a > b --> c", [("whole", "<!-- a > b -->")]),
        ("<!--> c <!---> d <!-- never", [("whole", "<!-->"), ("whole", "<!--->"), ("whole", "<!-- never")]),
        ("<!DOCTYPE html><?php x ?>y", [("whole", "<!DOCTYPE html>"), ("whole", "<?php x ?>")]),
        ("<![CDATA[ a > b ]]> c", [("whole", "<![CDATA[ a > b ]]>")]),
        ("<![CDATA[ a > b", [("whole", "<![CDATA[ a >")]),
        ("</ x></>", [("whole", "</ x>"), ("whole", "</>")]),
        ("<script>a < b </scripts> </b></SCRIPT >c", [("whole", "<script>a < b </scripts> </b></SCRIPT >")]),
        ("<title>a <b> c</title>", [("open", "<title>"), ("close", "</title>")]),
        ("<svg><style/></svg><b>", [("open", "<svg>"), ("open", "<style/>"), ("close", "</svg>"), ("open", "<b>")]),
        ("<plaintext><b>", [("whole", "<plaintext><b>")]),
    ],
)
def test_how_browsers_read(text: str, expected: list[tuple[str, str]]) -> None:
    assert tags(text) == expected


def test_attributes_of_all_forms() -> None:
    tag = "<a B=1 c = 'x y' d e=\"\" f=/ b=2 / g>"
    assert attributes(tag) == {"b": "1", "c": "x y", "d": "", "e": "", "f": "/", "g": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("&amp;", "&"),
        ("&nbsp", "\xa0"),
        ("&notit;", "¬it;"),
        ("&#x1F600;", "\U0001f600"),
        ("&#128;", "€"),
        ("&#xD800;", "\ufffd"),
        ("&#" + "9" * 5000 + ";", "\ufffd"),
    ],
)
def test_references_are_read_as_browsers_read_them(text: str, expected: str) -> None:
    assert list(references(text, 0, len(text))) == [(0, len(text), expected)]


def test_what_is_no_reference_stays() -> None:
    assert not list(references("R&D && &unknown; &", 0, 18))
