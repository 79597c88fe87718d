"""Sentences and clauses: nothing is lost between them, and they are cut where people would."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.text.lines import BULLET
from nmt.text.segments import INVISIBLE, WINDOW, Span, has_words, split_clauses, split_sentences

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
PIECES = st.sampled_from(
    [
        "Dr. ",
        "word ",
        "Und ",
        ". ",
        "? ",
        "! ",
        "...",
        "\n",
        "\r\n",
        "\n\n",
        "- ",
        "* ",
        "12. ",
        "3",
        ", ",
        "; ",
        "„",
        "“",
    ]
    + [
        "\u2028",
        "\t",
        "  ",
        "\u200b",
        "é",
        "e\u0301",
        "\U0001f469\u200d\U0001f4bb",
        "\U0001f1e9\U0001f1ea",
        "。",
        "你好",
    ]
    + ["a rather long line of text that had to be broken\n", "> ", "# ", "[x] ", "(", ")", "al. ", "z. B. "]
)
TEXTS = ANY | st.lists(PIECES, max_size=25).map("".join)
LANGUAGES = st.sampled_from(["en", "de", "fr", "es", "zh", "pt-BR", "hi", "xx", ""])


@st.composite
def whole_spans(draw: st.DrawFn, length: int) -> list[tuple[int, int]]:
    places = sorted(draw(st.lists(st.integers(0, length), max_size=6, unique=True)))
    return list(zip(places[::2], places[1::2], strict=False))


def cut(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, language)]


def clauses(text: str, whole: list[tuple[int, int]] | None = None) -> list[str]:
    return [text[start:end] for start, end in split_clauses(text, 0, len(text), whole or [])]


@given(TEXTS, LANGUAGES)
def test_sentences_are_in_order_apart_and_bare(text: str, language: str) -> None:
    place = 0
    for start, end in split_sentences(text, language):
        assert place <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip().strip(INVISIBLE)
        assert has_words(text[start:end])
        place = end


@given(TEXTS, LANGUAGES)
def test_outside_of_the_sentences_is_nothing_to_translate(text: str, language: str) -> None:
    place = 0
    for start, end in [*split_sentences(text, language), Span(len(text), len(text))]:
        for line in text[place:start].splitlines():
            assert not has_words(BULLET.sub("", line + " ", count=1))
        place = end


@given(st.data())
def test_whole_spans_are_not_cut(data: st.DataObject) -> None:
    text = data.draw(TEXTS)
    whole = data.draw(whole_spans(len(text)))
    spans = split_sentences(text, "en", whole)
    for start, end in whole:
        assert sum(span.start < end and start < span.end for span in spans) <= 1
    free = split_sentences(text, "en")
    assert {span.start for span in spans} <= {span.start for span in free}
    assert all(any(one.start <= span.start and span.end <= one.end for one in spans) for span in free)


@given(st.data())
def test_clauses_are_two_smaller_parts_with_white_space_around(data: st.DataObject) -> None:
    text = data.draw(TEXTS)
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    whole = data.draw(whole_spans(len(text)))
    parts = split_clauses(text, start, end, whole)
    assert len(parts) == (0 if not text[start:end].strip() else len(parts)) <= 2
    place = start
    for part in [*parts, Span(end, end)]:
        assert not text[place : part.start].strip()
        assert text[part.start : part.end] == text[part.start : part.end].strip()
        place = part.end
    if len(parts) == 2:
        assert not any(one < parts[0].end and parts[1].start < two for one, two in whole)
    if len(parts) == 1 and not whole:
        assert parts[0].end - parts[0].start == 1


@settings(max_examples=50)
@given(TEXTS, st.integers(1, 10))
def test_clauses_split_again_and_again_get_as_short_as_wanted(text: str, most: int) -> None:
    waiting, done = [Span(0, len(text))], []
    while waiting:
        span = waiting.pop()
        if span.end - span.start <= most:
            done.append(text[span.start : span.end])
        else:
            waiting += reversed(split_clauses(text, *span))
    assert re.sub(r"\s", "", "".join(done)) == re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["Dr. Smith came at 3.5 p.m. today.", 'He said: "Stop! Now."', "Then... he left.", "Great!"]),
        ("en", ["See https://example.org/a.b?c=1.", "It is in Fig. 3 of p. 12.", "I use .NET.", "The U.S. is large."]),
        (
            "en",
            ["We go, e.g. to Rome, i.e. south.", "Mr. and Mrs. Jones paid $1,000.50.", "Really?!", "\U0001f600 Yes."],
        ),
        ("de", ["Dr. Müller kam z. B. am 3. Oktober 2020 an.", "„Halt! Jetzt.“ sagte er.", "Das kostet 1.000,5 Euro."]),
        (
            "de",
            ["Im 19. Jahrhundert war es so.", "Er kam am 3.", "Das war gut.", "Es kostet inkl. Mehrwertsteuer 5 €."],
        ),
        ("fr", ["M. Dupont et Mme. Petit sont arrivés.", "« Bonjour ! » dit J.-P. Sartre.", "Voilà ?"]),
        ("es", ["El Sr. García y la Dña. Ana llegaron.", "¿Qué tal?", "¡Hola!"]),
    ],
)
def test_sentences_of_real_texts(language: str, sentences: list[str]) -> None:
    assert cut(" ".join(sentences), language) == sentences


def test_scripts_without_spaces() -> None:
    assert cut("你好。今天天气很好！是吗？", "zh") == ["你好。", "今天天气很好！", "是吗？"]


def test_bullets_headings_and_quotes_lie_outside() -> None:
    text = "# Title\n\n- one\n  * [ ] two\n3. three\n> quoted\n> > twice\n• four\n\n---\n\U0001f600\n***\nc) five"
    assert cut(text) == ["Title", "one", "two", "three", "quoted", "twice", "four", "five"]
    assert cut("-5 degrees\n2020 was hot\n*very* hot\n#hashtag") == text_lines(
        "-5 degrees|2020 was hot|*very* hot|#hashtag"
    )


def text_lines(joined: str) -> list[str]:
    return joined.split("|")


def test_a_line_break_is_a_border() -> None:
    assert cut("Apples\npears\r\nand plums") == ["Apples", "pears", "and plums"]
    long = "This is the first of two lines that are rather long"
    assert cut(f"{long}\nThe second begins in upper case") == [long, "The second begins in upper case"]
    assert cut(f"{long}:\nthe second") == [f"{long}:", "the second"]
    assert cut(f"{long}  \nthe second") == [long, "the second"]
    assert cut(f"{long}\n\nthe second") == [long, "the second"]
    assert cut(f"{long}\n- the second") == [long, "the second"]
    assert cut(f"{long}\n    the second") == [long, "the second"]


def test_a_line_break_that_fits_a_width_is_not() -> None:
    text = "This is a sentence that somebody had to break at\nsome width. The next one goes\non."
    assert cut(text) == ["This is a sentence that somebody had to break at\nsome width.", "The next one goes", "on."]
    german = (
        "Dies ist ein längerer Absatz, den das Mailprogramm nach\n"
        "einer festen Breite in Zeilen gebrochen hat, sodass auch\n"
        "Hauptwörter am Anfang einer Zeile stehen können, und\n"
        "zwar ohne jeden Ärger mit dem Zerteilen der Sätze."
    )
    assert cut(german, "de") == [german]


def test_a_protected_stretch_is_not_cut() -> None:
    text = "Run `do this. Then that` now. Yes."
    assert split_sentences(text, "en", [(4, 24)]) == [(0, 29), (30, 34)]


def test_clauses_are_cut_at_the_softest_place_near_the_middle() -> None:
    assert clauses("This goes on, and on; and it does not, ever, end") == [
        "This goes on, and on;",
        "and it does not, ever, end",
    ]
    assert clauses("one two three four, five six seven") == ["one two three four,", "five six seven"]
    assert clauses("he went to the house because he had to") == ["he went to the house", "because he had to"]
    assert clauses("it costs 1,000,000 pounds") == ["it costs", "1,000,000 pounds"]
    assert clauses("a " + "b" * 50) == ["a", "b" * 50]
    assert clauses("b" * 10) == ["b" * 5, "b" * 5]
    assert clauses("今天天气很好，我们去公园。你好吗朋友") == ["今天天气很好，我们去公园。", "你好吗朋友"]
    assert clauses("ab" + "\U0001f469\u200d\U0001f4bb") == ["ab", "\U0001f469\u200d\U0001f4bb"]
    assert clauses("one two", [(0, 7)]) == ["one two"]


@pytest.mark.parametrize(
    "unit",
    [
        ".",
        '"',
        "a. ",
        "« ",
        "“a.",
        "- a\n",
        "1. ",
        "- ",
        ">",
        " ",
        "\n",
        "a",
        "word ",
        "\u200b",
        "p. ",
        "1. a ",
        "[x] ",
        "\U0001f600",
    ],
)
def test_hostile_texts_are_split_too(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    for language in ("en", "es"):
        assert all(start < end for start, end in split_sentences(text, language))
    assert len(split_clauses(text, 0, len(text))) <= 2


def test_a_sentence_that_never_seems_to_end_is_cut() -> None:
    spans = split_sentences("ł{0}-p. " * 5000, "en")
    assert max(end - start for start, end in spans) <= 2 * WINDOW
