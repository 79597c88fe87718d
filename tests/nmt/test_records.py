"""The JSON of a translation says all that the value says."""

import json

import numpy as np
import pytest

from nmt.records import segment_records, translation_record
from nmt.translation import Segment, Token, Translation, Word


def segment(*, attention: bool = True) -> Segment:
    weights = np.array([[0.123456, 0.876544]], dtype=np.float32) if attention else None
    return Segment(
        source_start=1, source_end=3, target_start=1, target_end=4,
        source_tokens=(Token("▁Hi", 1, 3), Token("</s>", 3, 3, special=True)),
        target_tokens=(Token("</s>", 4, 4, special=True),),
        token_log_probabilities=(-0.12345,), log_probability=-0.12345, rank_score=-0.12345,
        attention_TS=weights, source_words=(Word("Hi", 1, 3, 0, 1),), target_words=(),
        word_attention=weights, links=((0, 0),), corrected_words=((0, "Ho"),),
        warnings=("copied",),
    )  # fmt: skip


def test_numbers_are_rounded_and_plain() -> None:
    (record,) = json.loads(json.dumps(segment_records([segment()], attention=True)))
    assert record["attention"] == record["wordAttention"] == [[0.1235, 0.8765]]
    assert record["score"] == {"logProbability": -0.1235, "rank": -0.1235, "tokens": [-0.1235]}
    assert record["links"] == [[0, 0]] and record["warnings"] == ["copied"]
    assert record["correctedWords"] == [{"word": 0, "text": "Ho"}] and record["unknownWords"] == []
    assert record["source"]["tokens"][1] == {"piece": "</s>", "start": 3, "end": 3, "special": True}
    assert record["source"]["words"] == [{"text": "Hi", "start": 1, "end": 3, "firstToken": 0, "lastToken": 1}]


def test_weights_are_left_out_or_null() -> None:
    (without,) = segment_records([segment()], attention=False)
    assert not without.keys() & {"attention", "wordAttention"}
    (null,) = segment_records([segment(attention=False)], attention=True)
    assert null["attention"] is None and null["wordAttention"] is None


@pytest.mark.parametrize("alternatives", [True, False])
def test_alternatives_come_with_their_segments_if_asked_for(alternatives: bool) -> None:
    other = Translation(" Na", (segment(),))
    best = Translation(" Hallo", (segment(),), (other,))
    record = translation_record(" Hi", best, alternatives=alternatives, attention=True)
    assert (record["q"], record["translatedText"]) == (" Hi", " Hallo")
    assert record.get("alternatives") == ([" Na"] if alternatives else None)
    assert len(record.get("alternativeSegments", [])) == alternatives
