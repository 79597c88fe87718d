"""Words are matched sentence by sentence, and counted in the band of their frequency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.config import EvaluationOptions
from nmt.evaluation.frequencies import WordScores, by_frequency, count_words

SENTENCES = st.lists(st.lists(st.sampled_from("abcdef"), max_size=6).map(" ".join), min_size=1, max_size=6)


def test_words_are_counted_as_bleu_sees_them() -> None:
    assert count_words(["Ein Hund, ein Hund.", "ein"]) == {"Ein": 1, "Hund": 2, ",": 1, "ein": 2, ".": 1}
    assert count_words(["Ein Hund", "ein"], EvaluationOptions(lowercase=True))["ein"] == 2


def test_precision_and_recall_of_each_band() -> None:
    counts = {"often": 50, "seldom": 2}
    references = ["often seldom new", "often often", ""]
    system = ["often often seldom", "often", "new"]
    found = {str(one.occurrences): one.scores["a"] for one in by_frequency({"a": system}, references, counts)}
    assert found == {"0": WordScores(1, 1, 0), "1-4": WordScores(1, 1, 1), "10-99": WordScores(3, 3, 2)}
    assert found["10-99"].precision == found["10-99"].recall == found["10-99"].f1 == pytest.approx(2 / 3)


def test_there_is_no_share_of_nothing() -> None:
    only_wanted, only_written, none = WordScores(3, 0, 0), WordScores(0, 3, 0), WordScores(0, 0, 0)
    assert (only_wanted.precision, only_wanted.recall, only_wanted.f1) == (None, 0, 0)
    assert (only_written.precision, only_written.recall, only_written.f1) == (0, None, 0)
    assert (none.precision, none.recall, none.f1) == (None, None, None)


@given(references=SENTENCES)
def test_a_copy_of_the_references_matches_every_word(references: list[str]) -> None:
    counts = {"a": 1, "b": 7, "c": 10, "d": 100, "e": 5000}
    found = by_frequency({"copy": references}, references, counts)
    assert all(one.scores["copy"].f1 == 1 for one in found)
    assert sum(one.scores["copy"].matched for one in found) == sum(len(text.split()) for text in references)


@given(pairs=st.lists(st.tuples(*[st.lists(st.sampled_from("abc"), max_size=5).map(" ".join)] * 2), min_size=1))
def test_what_is_matched_was_both_wanted_and_written(pairs: list[tuple[str, str]]) -> None:
    references, system = [one for one, _ in pairs], [other for _, other in pairs]
    for one in by_frequency({"a": system}, references, {"a": 3, "b": 30}):
        scores = one.scores["a"]
        assert scores.matched <= min(scores.in_references, scores.in_translations)
