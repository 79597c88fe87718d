"""A set of words knows its own, by language, whatever their case; few others are taken for one of them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import ArtifactError
from nmt.known_words import KnownWords, words_of

PAIRS = [("en", "dog"), ("de", "hund"), ("en", "don"), ("en", "t"), ("de", "grösse"), ("fr", "l"), ("fr", "été")]
KNOWN = KnownWords.of(dict.fromkeys(PAIRS, 1))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "dog"), ("en", "DOG"), ("en", "Don't"), ("de", "GRÖSSE"),
        ("de", "Größe"), ("fr", "l'été"), ("fr", "l'e\u0301te\u0301"), ("en", "…"), ("en", ""), ("en", "2026"),
    ],
)  # fmt: skip
def test_what_is_known(language: str, text: str) -> None:
    assert KNOWN.knows(language, text)


@pytest.mark.parametrize(("language", "text"), [("de", "dog"), ("en", "dogs"), ("en", "Hund"), ("en", "dog-hund")])
def test_what_is_unknown(language: str, text: str) -> None:
    assert not KNOWN.knows(language, text)


def test_words_written_without_spaces_are_never_unknown() -> None:
    assert KNOWN.knows("en", "我们") and KNOWN.knows("th", "สวัสดี") and not KNOWN.knows("ko", "안녕하세요")


@given(st.lists(st.tuples(st.sampled_from(["en", "de"]), st.text(max_size=6)), max_size=20))
def test_all_that_it_is_made_of_is_known_also_after_it_was_stored(texts: list[tuple[str, str]]) -> None:
    times = Counter((language, word) for language, text in texts for word in words_of(text))
    made = KnownWords.of(times)
    stored = KnownWords(made.serialized)
    assert all(stored.knows(language, text) for language, text in texts) and len(stored) == len(made)
    assert all(stored.magnitudes(language, [word]) == [n.bit_length()] for (language, word), n in times.items())


def test_how_often_words_are_met() -> None:
    first = KnownWords.of({("en", "dog"): 1000, ("en", "cat"): 1})
    second = KnownWords.of({("en", "cat"): 3, ("de", "dog"): 8})
    assert first.magnitudes("en", ["cat", "cow", "dog"]) == [1, 0, 10] and first.magnitudes("en", []) == []
    both = first | second
    assert both.magnitudes("en", ["cat", "cow", "dog"]) == [2, 0, 10] and both.magnitudes("de", ["dog"]) == [4]
    assert (second | first).serialized == both.serialized


def test_hardly_any_other_word_is_taken_for_known() -> None:
    many = KnownWords.of({("en", f"word{chr(97 + i % 26) * (i // 26)}"): 1 for i in range(1000)})
    assert sum(many.knows("de", f"{chr(97 + i % 26)}{'x' * (i // 26)}") for i in range(5000)) <= 1


def test_none_are_known_of_an_empty_set() -> None:
    none = KnownWords.of({})
    assert not none.knows("en", "dog") and none.knows("en", "!") and len(none) == 0


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\1\0\0\0\1\0\0\0\1",  # of no format
        b"words 2\nabc",
        b"words 2\n" + bytes([2, *[0] * 7, 1, *[0] * 7, 1, 1]),  # not in order
        b"words 2\n" + bytes([1, *[0] * 7, 1, *[0] * 7, 1, 1]),  # one twice
    ],
)
def test_bytes_that_are_no_such_set_are_refused(broken: bytes) -> None:
    with pytest.raises(ArtifactError):
        KnownWords(broken)
