"""Runs are the whole text, and what is shared is the same in both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.evaluation import differences
from nmt.evaluation.differences import differing_runs

TEXTS = st.text(alphabet="ab \n\t", max_size=30)


@given(one=TEXTS, other=TEXTS)
def test_runs_are_the_text_and_share_words(one: str, other: str) -> None:
    mine, theirs = differing_runs(one, other)
    assert "".join(mine) == one and "".join(theirs) == other
    assert len(mine) == len(theirs) and len(mine) % 2 == 1
    assert [run.split() for run in mine[1::2]] == [run.split() for run in theirs[1::2]]


@given(text=TEXTS)
def test_equal_texts_differ_nowhere(text: str) -> None:
    mine, theirs = differing_runs(text, text)
    assert mine == theirs and not "".join(mine[::2]).strip()


def test_a_word_that_was_exchanged_is_its_own_run() -> None:
    assert differing_runs("the old house", "the new house") == (("", "the ", "old ", "house", ""),
                                                                ("", "the ", "new ", "house", ""))  # fmt: skip


@given(one=TEXTS, other=TEXTS)
def test_of_very_long_texts_the_beginnings_and_the_ends_are_shared(one: str, other: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(differences, "MOST_PAIRS", 0)
        mine, theirs = differing_runs(one, other)
    assert "".join(mine) == one and "".join(theirs) == other
    assert [run.split() for run in mine[1::2]] == [run.split() for run in theirs[1::2]]


def test_texts_that_repeat_themselves_are_compared_at_once() -> None:
    mine, theirs = differing_runs("Oh, " + "the cat " * 5000, "Oh, " + "cat the the " * 5000)
    assert mine[1] == theirs[1] == "Oh, "
