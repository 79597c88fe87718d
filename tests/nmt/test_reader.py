"""What a model is given to read of a text, without a model."""

import pytest

from nmt.direction import Direction
from nmt.errors import ConfigError
from nmt.passage import Passage
from nmt.reader import Reader
from nmt.text.options import TextOptions
from nmt.tokenizer import SentencePieceTokenizer
from nmt.translator import BUNDLED

EN_DE = Direction("en", "de")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(SentencePieceTokenizer.load(BUNDLED / "tokenizer.model"), 100)


def read(reader: Reader, text: str, *glossary: tuple[str, str]) -> tuple[Passage, ...]:
    return reader.read(text, EN_DE, TextOptions(glossary=glossary))


def test_a_placeholder_is_never_cut_in_two(reader: Reader) -> None:
    words = ",".join(f"word{number}" for number in range(48))
    passages = read(reader, f"{words},{{{{customer_full_name}}}},{words}")
    assert len(passages) > 1
    assert [kept.text for passage in passages for kept in passage.kept] == ["{{customer_full_name}}"]


def test_a_term_is_found_where_it_looks_like_an_end_or_the_text_is_long(reader: Reader) -> None:
    (passage,) = read(reader, "I like the Jeopardy! Champion.", ("Jeopardy! Champion", "Sieger"))
    assert len(passage.terms) == 1
    clause = "that is the old house that we bought in the summer of the year before the last one "
    passages = read(reader, clause * 8, ("house that", "Haus, das"))
    assert len(passages) > 1 and sum(len(passage.terms) for passage in passages) == 8


@pytest.mark.parametrize("between", [" ", "\n", "  ", "\u00a0"])
def test_a_term_is_found_whatever_is_between_its_words(reader: Reader, between: str) -> None:
    text = f"We have lived for many years with an old{between}dog and a cat."
    (passage,) = read(reader, text, ("old dog", "alter Hund"))
    assert len(passage.terms) == 1


@pytest.mark.parametrize("invisible", ["\u200b", "\ufeff", "\u200e", "\x7f"])
def test_a_translation_that_can_not_be_seen_is_refused(reader: Reader, invisible: str) -> None:
    with pytest.raises(ConfigError, match=r"glossary\[1\]: .*expected a translation with characters that can be seen"):
        read(reader, "A dog.", ("cat", "Katze"), ("dog", invisible))


def test_longer_terms_come_first(reader: Reader) -> None:
    passages = read(reader, "The old dog and the dog.", ("dog", "Hund"), ("old dog", "Senior"))
    (passage,) = passages
    pieces = [tuple(reader.tokenizer.encode(text).ids) for text in ("Senior", "Hund")]
    assert [term.tokens for term in passage.terms] == pieces
