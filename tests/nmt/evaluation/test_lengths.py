"""Bands share out all sentences, and each band's scores are those of its sentences alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.config import EvaluationOptions
from nmt.errors import InputError
from nmt.evaluation import evaluate
from nmt.evaluation.frequencies import OCCURRENCES
from nmt.evaluation.lengths import LENGTHS, by_length

PLAIN = EvaluationOptions(bootstrap_samples=0)


@pytest.mark.parametrize("bands", [LENGTHS, OCCURRENCES])
@given(number=st.integers(0, 10**6))
def test_every_number_is_in_one_band(bands, number: int) -> None:
    assert sum(number in band for band in bands) == 1


def test_bands_have_names() -> None:
    assert list(map(str, LENGTHS)) == ["0", "1-5", "6-10", "11-15", "16-20", "21-30", "31+"]
    assert list(map(str, OCCURRENCES)) == ["0", "1-4", "5-9", "10-99", "100-999", "1000+"]


@given(lengths=st.lists(st.integers(0, 40), min_size=1, max_size=20))
def test_all_sentences_are_in_bands_that_are_not_empty(lengths: list[int]) -> None:
    sources = [" ".join(["word"] * length) for length in lengths]
    found = by_length({"a": sources}, sources, sources, PLAIN)
    assert sum(result.sentences for result in found) == len(lengths)
    assert all(result.sentences for result in found)
    assert [result.words.first for result in found] == sorted(result.words.first for result in found)
    assert all(result.scores["a"].length_ratio in (1, None) for result in found)


def test_a_band_has_the_scores_of_its_sentences() -> None:
    sources = ["one two", "one two three four five six seven", "three four"]
    references = ["ein Hund läuft schnell", "zwei Hunde laufen heute über die Wiese", "drei Hunde schlafen hier"]
    system = ["ein Hund läuft langsam", "zwei Hunde laufen heute auf der Wiese", "drei Hunde schlafen"]
    short, long = by_length({"a": system}, sources, references, PLAIN)
    alone = evaluate({"a": [system[0], system[2]]}, [references[0], references[2]], PLAIN)["a"]
    assert (str(short.words), short.sentences, str(long.words), long.sentences) == ("1-5", 2, "6-10", 1)
    assert (short.scores["a"].bleu, short.scores["a"].chrf) == (alone[0].score, alone[1].score)
    assert short.scores["a"].length_ratio == 7 / 8


def test_unequally_many_sources_are_refused() -> None:
    with pytest.raises(InputError, match="1 sources for 2 references"):
        by_length({"a": ["x", "y"]}, ["x"], ["x", "y"], PLAIN)
