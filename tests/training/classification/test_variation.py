"""Texts as different people would type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.classification.config import LabelledDataConfig
from training.classification.variation import DRAWS, stripped, vary, without_marks

DRAWN = st.lists(st.floats(0, 1, exclude_max=True), min_size=DRAWS, max_size=DRAWS)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def rates(**given: float) -> LabelledDataConfig:
    return LabelledDataConfig.from_mapping({"train": [{"file": "a.tsv"}], **given})


@given(TEXTS, DRAWN)
def test_without_rates_a_text_stays_as_it_is(text: str, draws: list[float]) -> None:
    assert vary(text, rates(), draws) == text


@given(TEXTS, DRAWN)
def test_no_text_with_letters_loses_all_of_them(text: str, draws: list[float]) -> None:
    everything = rates(words=0.5, snippets=0.5, lower_case=0.3, upper_case=0.3, capitalised=0.3, no_diacritics=1,
                       no_punctuation=1)  # fmt: skip
    found = vary(text, everything, draws)
    assert any(map(str.isalpha, found)) or not any(map(str.isalpha, text))


@given(st.lists(st.text("abc", min_size=1, max_size=4), min_size=2, max_size=8), DRAWN)
def test_cut_words_are_neighbours(words: list[str], draws: list[float]) -> None:
    text = " ".join(words)
    assert vary(text, rates(words=1), draws) in words
    snippet = vary(text, rates(snippets=1), draws)
    assert f" {snippet} " in f" {text} " and min(2, len(words)) <= len(snippet.split()) <= 4


@given(st.text("我不知道你在说什么", min_size=1, max_size=12), DRAWN)
def test_scripts_without_spaces_are_cut_between_characters(text: str, draws: list[float]) -> None:
    assert vary(text, rates(words=1), draws) in text
    assert 1 <= len(vary(text, rates(words=1), draws)) <= 4


@pytest.mark.parametrize("text", ["Donaudampfschiff", "Ja!"])
def test_a_single_word_stays_whole(text: str) -> None:
    assert vary(text, rates(words=1), [0.5] * DRAWS) == text.strip("!")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Málaga, ñu", "Malaga, nu"),
        ("grün ßø", "grun ßø"),
        ("हिन्दी", "हिन्दी"),
        ("й ё", "й ё"),
        ("한국어 で", "한국어 で"),
    ],
)
def test_only_latin_letters_lose_their_marks(text: str, plain: str) -> None:
    assert without_marks(text) == plain


@pytest.mark.parametrize(
    ("text", "rest"), [("«Oui!» ", "Oui"), ("...", ""), ("it's", "it's"), ("a1)", "a1"), ("हूँ।", "हूँ")]
)
def test_punctuation_is_stripped_at_the_edges(text: str, rest: str) -> None:
    assert stripped(text) == rest


def test_case_is_varied() -> None:
    draws = [0.9, 0, 0, 0.9, 0.5, 0.9]
    assert vary("Ab c", rates(lower_case=1), draws) == "ab c"
    assert vary("Ab c", rates(upper_case=1), draws) == "AB C"
    assert vary("ab c", rates(capitalised=1), draws) == "Ab c"
