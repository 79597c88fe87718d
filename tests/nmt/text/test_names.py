"""Names that nobody knows are told from words at the beginning of a sentence, and from nouns."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.names import unknown_names

KNOWN = {
    "i",
    "live",
    "in",
    "when",
    "came",
    "nelson",
    "is",
    "here",
    "and",
    "new",
    "york",
    "president",
    "this",
    "mr",
    "not",
    "do",
    "embassy",
}


def knows(word: str) -> bool:
    return word.lower() in KNOWN


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        ("I live in Brumsdorf-Ehlau.", "en", ["Brumsdorf-Ehlau"]),
        ("I live in New York.", "en", []),
        ("Is Nelson Mandrake here, and Quint?", "en", ["Quint"]),
        ("Is Balthazor Mandrake here?", "en", ["Balthazor Mandrake"]),
        ("When is Balthazor Mandrake here?", "en", ["Balthazor Mandrake"]),
        ("and Go\u0308ttrik, and Nuku'alofa", "en", ["Go\u0308ttrik"]),
        ("Do NOT DEFENESTRATE the Zyrkon-based Embassy", "en", []),
        ("This is Mr. Tschernowitz.", "en", ["Tschernowitz"]),
        ("Photosynthesis is here", "en", []),
        ("Came. Photosynthesis", "en", []),
        ("When Quint came", "en", []),
        ("Balthazor Quint came", "en", ["Balthazor Quint"]),
        ("le livre d'Ysgrawen est là, O’Quint", "fr", ["Ysgrawen", "O’Quint"]),
        ("When is Ysgrawen's dog here", "en", []),
        ("in NASDAQ and Xy", "en", ["NASDAQ"]),
        ("Ich lebe in Brumsdorf", "de", []),
        ("and Win32 and A-b-", "en", []),
    ],
)
def test_what_is_a_name(text: str, language: str, names: list[str]) -> None:
    assert [text[start:end] for start, end in unknown_names(text, language, knows)] == names


@given(st.text("aA Éé-'.,1", max_size=40))
def test_names_are_apart_and_have_something_unknown(text: str) -> None:
    found = list(unknown_names(text, "en", knows))
    assert all(one.end < other.start for one, other in pairwise(found))
    assert all(text[start].isupper() and not text[start - 1 : start].isalnum() for start, _ in found)


@pytest.mark.parametrize("part", ["A-", "Aa ", "a-", "A'", "é"])
def test_long_texts_take_no_longer_than_they_are_long(part: str) -> None:
    list(unknown_names(part * 100_000, "en", knows))
