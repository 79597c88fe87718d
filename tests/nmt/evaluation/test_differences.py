"""Runs are the whole text, and what is shared is the same in both."""

from hypothesis import given
from hypothesis import strategies as st

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
