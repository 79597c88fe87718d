"""From what the translator returns to what goes over the wire."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nmt.translation import Segment, Token, Translation, Word
from service.schemas import (
    DetectedLanguage,
    Matrix,
    ScoreShape,
    SegmentShape,
    SideShape,
    TokenShape,
    TranslateReply,
    TranslateRequest,
    WordShape,
)

DECIMALS = 4


def translate_reply(
    asked: TranslateRequest, translations: Sequence[Translation], *, attention: bool, detected: str | None
) -> TranslateReply:
    """What answers `asked`; `detected` is the language that `auto` stood for. Keys not asked for stay unset."""
    lists: dict[str, list[object]] = {
        "translatedText": [translation.text for translation in translations],
        "segments": [_segments(translation, attention) for translation in translations],
    }
    if detected is not None:
        lists["detectedLanguage"] = [DetectedLanguage(confidence=0.0, language=detected) for _ in translations]
    if asked.alternatives:
        lists["alternatives"] = [[other.text for other in best.alternatives] for best in translations]
        lists["alternativeSegments"] = [
            [_segments(other, attention) for other in best.alternatives] for best in translations
        ]
    return TranslateReply.model_validate({key: value if asked.is_list else value[0] for key, value in lists.items()})


def _segments(translation: Translation, attention: bool) -> list[SegmentShape]:
    return [_segment(segment, attention) for segment in translation.segments]


def _segment(segment: Segment, attention: bool) -> SegmentShape:
    shape = SegmentShape(
        source=_side(segment.source_start, segment.source_end, segment.source_tokens, segment.source_words),
        target=_side(segment.target_start, segment.target_end, segment.target_tokens, segment.target_words),
        links=list(segment.links),
        score=ScoreShape(
            logProbability=round(segment.log_probability, DECIMALS),
            rank=round(segment.rank_score, DECIMALS),
            tokens=[round(value, DECIMALS) for value in segment.token_log_probabilities],
        ),
        warnings=list(segment.warnings),
    )
    if attention:
        shape.attention = _rounded(segment.attention_TS)
        shape.wordAttention = _rounded(segment.word_attention)
    return shape


def _side(start: int, end: int, tokens: Sequence[Token], words: Sequence[Word]) -> SideShape:
    return SideShape(
        start=start,
        end=end,
        tokens=[TokenShape(piece=t.piece, start=t.start, end=t.end, special=t.special) for t in tokens],
        words=[
            WordShape(text=w.text, start=w.start, end=w.end, firstToken=w.first_token, lastToken=w.last_token)
            for w in words
        ],
    )


def _rounded(weights: NDArray[np.float32] | None) -> Matrix | None:
    if weights is None:
        return None
    rounded: Matrix = np.round(weights.astype(np.float64), DECIMALS).tolist()
    return rounded
