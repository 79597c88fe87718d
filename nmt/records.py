"""A translation as JSON: the same keys on the command line and over HTTP."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nmt.translation import Segment, Token, Translation, Word

Record: TypeAlias = dict[str, Any]
DECIMALS = 4


def translation_record(text: str, translation: Translation, *, alternatives: bool, attention: bool) -> Record:
    """`q` the text, `translatedText`, and `segments`: how it came about.

    With `alternatives`, further translations, best first, and `alternativeSegments`, the segments of each.
    """
    record: Record = {"q": text, "translatedText": translation.text}
    if alternatives:
        record["alternatives"] = [other.text for other in translation.alternatives]
    record["segments"] = segment_records(translation.segments, attention=attention)
    if alternatives:
        record["alternativeSegments"] = [
            segment_records(other.segments, attention=attention) for other in translation.alternatives
        ]
    return record


def segment_records(segments: Sequence[Segment], *, attention: bool) -> list[Record]:
    """What was translated as a whole: spans, tokens, words, links, score, mistyped and unknown words, and warnings.

    With `attention`, also the weights [target token][source token] and [target word][source word], null where the
    model has none. Numbers have DECIMALS decimals.
    """
    return [_segment(segment, attention) for segment in segments]


def _segment(segment: Segment, attention: bool) -> Record:
    record: Record = {
        "source": _side(segment.source_start, segment.source_end, segment.source_tokens, segment.source_words),
        "target": _side(segment.target_start, segment.target_end, segment.target_tokens, segment.target_words),
    }
    if attention:
        record["attention"] = _rounded(segment.attention_TS)
        record["wordAttention"] = _rounded(segment.word_attention)
    return record | {
        "links": [list(link) for link in segment.links],
        "score": {
            "logProbability": round(segment.log_probability, DECIMALS),
            "rank": round(segment.rank_score, DECIMALS),
            "tokens": [round(value, DECIMALS) for value in segment.token_log_probabilities],
        },
        "correctedWords": [{"word": place, "text": text} for place, text in segment.corrected_words],
        "unknownWords": list(segment.unknown_words),
        "warnings": list(segment.warnings),
    }


def _side(start: int, end: int, tokens: Sequence[Token], words: Sequence[Word]) -> Record:
    return {
        "start": start,
        "end": end,
        "tokens": [{"piece": t.piece, "start": t.start, "end": t.end, "special": t.special} for t in tokens],
        "words": [
            {"text": w.text, "start": w.start, "end": w.end, "firstToken": w.first_token, "lastToken": w.last_token}
            for w in words
        ],
    }


def _rounded(weights: NDArray[np.float32] | None) -> list[list[float]] | None:
    if weights is None:
        return None
    rows: list[list[float]] = np.round(weights.astype(np.float64), DECIMALS).tolist()
    return rows
