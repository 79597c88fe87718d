"""Words cover the text, tokens belong to one word at most, and attention between words adds up."""

# T target tokens, S source tokens

import itertools

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nmt.alignment import find_words, fold, strongest_links
from nmt.tokenizer import SentencePieceTokenizer
from nmt.translation import Token, Word

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
PUNCTUATED = st.text(st.sampled_from("ab1.,!?\"'()-„“… \n\u0301😀"), max_size=12)


def tokens_of(text: str, *cuts: int) -> tuple[Token, ...]:
    """A token for each stretch between cuts."""
    edges = [0, *cuts, len(text)]
    return tuple(Token(text[i:j], i, j) for i, j in itertools.pairwise(edges))


def each_character(text: str) -> tuple[Token, ...]:
    return tuple(Token(c, i, i if c.isspace() else i + 1) for i, c in enumerate(text))


def check_words(text: str, tokens: tuple[Token, ...], words: tuple[Word, ...]) -> None:
    visible = [place for place, character in enumerate(text) if not character.isspace()]
    covered = [place for word in words for place in range(word.start, word.end)]
    assert covered == sorted(set(covered))
    assert [place for place in covered if not text[place].isspace()] == visible
    for word in words:
        assert word.text == text[word.start : word.end] == word.text.strip() != ""
    for index, token in enumerate(tokens):
        owners = [word for word in words if word.start <= token.start and token.end <= word.end]
        by_index = [word for word in words if word.first_token <= index < word.last_token]
        if token.start < token.end:
            assert len(owners) == 1
            assert owners == by_index
        else:
            assert len(by_index) <= 1


@given(TEXTS)
@example("A 😀 dog.")
@example("a\x00b \x1cc\x85d\u200be \u2028 f")
@example("½ ﷺ e\u0301! 👨‍👩‍👧 #️⃣")
def test_words_of_any_text(tokenizer: SentencePieceTokenizer, text: str) -> None:
    tokens = tokenizer.encode(text).tokens
    check_words(text, tokens, find_words(text, tokens))


@given(st.lists(st.integers(0, 399)))
def test_words_of_anything_a_model_says(tokenizer: SentencePieceTokenizer, ids: list[int]) -> None:
    text, tokens = tokenizer.decode(ids)
    check_words(text, tokens, find_words(text, tokens))


@given(PUNCTUATED)
def test_no_word_holds_white_space_where_tokens_do_not(text: str) -> None:
    tokens = each_character(text)
    words = find_words(text, tokens)
    check_words(text, tokens, words)
    assert not any(character.isspace() for word in words for character in word.text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, world!", ["Hello", ",", "world", "!"]),
        ('"Well..." (he said)', ['"', "Well", "...", '"', "(", "he", "said", ")"]),
        ("„Komm her!“ Er", ["„", "Komm", "her", "!", "“", "Er"]),
        ("don't low-cost 7:45", ["don't", "low-cost", "7:45"]),
        ("What?! -- no", ["What", "?", "!", "--", "no"]),
        ("  a\n\n b ", ["a", "b"]),
        ("I 😀 it 👨‍👩‍👧!", ["I", "😀", "it", "👨‍👩‍👧", "!"]),
        ("press #\ufe0f\u20e3 now", ["press", "#\ufe0f\u20e3", "now"]),
        ("", []),
        (" \t", []),
    ],
)
def test_words_are_what_people_read(text: str, words: list[str]) -> None:
    assert [word.text for word in find_words(text, each_character(text))] == words


def test_tokens_are_never_cut() -> None:
    text = 'He said." a b'
    assert [word.text for word in find_words(text, tokens_of(text, 2, 8))] == ["He", "said.", '" a b']
    assert [word.text for word in find_words(text, tokens_of(text, 2, 7, 9))] == ["He", "said", '."', "a b"]


def test_specials_and_white_space_belong_to_no_word() -> None:
    tokens = (
        Token("<2de>", 0, 0, True),
        Token("▁a", 0, 1),
        Token("▁", 2, 2),
        Token("b", 2, 3),
        Token("</s>", 3, 3, True),
    )
    assert [(word.first_token, word.last_token) for word in find_words("a b", tokens)] == [(1, 2), (3, 4)]


def test_a_word_that_the_tokenizer_leaves_out_has_no_tokens() -> None:
    words = find_words("a \x01 b", (Token("a", 0, 1), Token("b", 4, 5)))
    assert [(word.text, word.last_token - word.first_token) for word in words] == [("a", 1), ("\x01", 0), ("b", 1)]


def test_a_part_of_a_text_has_the_words_of_that_part() -> None:
    text = "one two three"
    assert [word.text for word in find_words(text, each_character(text), 4, 7)] == ["two"]


def words_of(sizes: list[int]) -> tuple[Word, ...]:
    """Words of so many tokens each, one token between any two left out."""
    firsts = np.cumsum([1, *(size + 1 for size in sizes)]).tolist()
    return tuple(Word("x", 0, 1, first, first + size) for first, size in zip(firsts, sizes, strict=False))


SIZES = st.lists(st.integers(0, 4), max_size=5)


@given(SIZES, SIZES, st.integers(0, 2**32 - 1))
def test_word_attention_is_sum_over_source_and_mean_over_target(
    target_sizes: list[int], source_sizes: list[int], seed: int
) -> None:
    target_words, source_words = words_of(target_sizes), words_of(source_sizes)
    attention_TS = rows_that_sum_to_one(2 + sum(target_sizes) + 5, 2 + sum(source_sizes) + 5, seed)
    folded = fold(attention_TS, target_words, source_words)
    assert folded.shape == (len(target_words), len(source_words))
    assert folded.dtype == np.float32
    assert (folded.sum(axis=1) <= 1 + 1e-5).all()
    for row, target in enumerate(target_words):
        rows = attention_TS[target.first_token : target.last_token]
        for column, source in enumerate(source_words):
            sums = [sum(weights[source.first_token : source.last_token]) for weights in rows]
            assert folded[row, column] == pytest.approx(np.mean(sums) if sums else 0, abs=1e-6)


def rows_that_sum_to_one(rows: int, columns: int, seed: int) -> NDArray[np.float32]:
    weights = np.random.default_rng(seed).random((rows, columns), dtype=np.float32)
    return weights / weights.sum(axis=1, keepdims=True)


def test_links_pair_source_and_target_words() -> None:
    attention_UW = np.array([[0.1, 0.6, 0.2], [0.4, 0.4, 0.1], [0, 0, 0]], dtype=np.float32)
    assert strongest_links(attention_UW) == ((1, 0), (0, 1))


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing_is_linked_where_there_are_no_words(shape: tuple[int, int]) -> None:
    assert strongest_links(np.zeros(shape, dtype=np.float32)) == ()
