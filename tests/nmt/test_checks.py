"""Signs of a wrong translation."""

import numpy as np
import pytest

from nmt.checks import guessed_words, is_copied, is_doubtful, may_omit, repeats
from nmt.translation import Word


@pytest.mark.parametrize(
    ("tokens", "round_in_circles"),
    [
        ([], False),
        ([1, 2, 3, 4], False),
        ([7, 7, 7], False),
        ([7, 7, 7, 7], True),
        ([1, 2, 1, 2], False),
        ([9, 1, 2, 1, 2, 1, 2, 8], True),
        ([1, 2, 3, 4] * 3, True),
        ([1, 2, 3, 4, 5] * 3, False),
    ],
)
def test_going_round_in_circles(tokens: list[int], round_in_circles: bool) -> None:
    assert repeats(tokens) is round_in_circles


def words(*texts: str) -> list[Word]:
    return [Word(text, 0, len(text), index, index + 1) for index, text in enumerate(texts)]


def test_longer_words_that_were_hardly_seen_may_be_left_out() -> None:
    seen = np.array([[0.5, 0.02, 0.02, 0.4], [0.4, 0.02, 0.0, 0.5]], dtype=np.float32)
    assert may_omit(seen, words("The", "elephant", "always", "sleeps"))
    assert not may_omit(seen, words("The", "elephant", "has", "sleeps"))
    assert not may_omit(seen, words("The", "a", "big", "sleeps"))
    assert not may_omit(None, words("The"))
    assert not may_omit(np.zeros((0, 4), dtype=np.float32), words("The", "elephant", "always", "sleeps"))


def test_what_came_back_as_it_was() -> None:
    assert is_copied("The cat sleeps.", "the cat sleeps.")
    assert not is_copied("New York", "New York")
    assert not is_copied("The cat sleeps.", "Die Katze schläft.")


def test_names_that_come_back_are_not_guessed() -> None:
    source = [Word(text, 0, 0, 0, 1) for text in ("Zyrkon", "saw", "Ada-Belle's", "wug")]
    assert guessed_words((0, 2, 3), source, "Ada-Belles Wugs hat ZYRKON gesehen") == (2, 3)
    assert guessed_words((0, 2), source, "Wug: Zyrkon, Ada Belle, s") == ()


def test_a_word_without_a_capital_that_comes_back_was_not_translated() -> None:
    source = [Word(text, 0, 0, 0, 1) for text in ("The", "wug")]
    assert guessed_words((1,), source, "Der Wug") == guessed_words((1,), source, "Der wug") == (1,)
    assert guessed_words((), source, "Wug") == ()


def test_doubt() -> None:
    assert is_doubtful(-20.0, 4)
    assert not is_doubtful(-2.0, 4)
    assert is_doubtful(float("-inf"), 4)
