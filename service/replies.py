"""From what the translator returns to what goes over the wire."""

import json
from collections.abc import Sequence
from typing import Any

from nmt.records import segment_records
from nmt.translation import Translation
from service.requests import TranslateRequest
from service.schemas import DetectedLanguage


def translate_reply(
    asked: TranslateRequest,
    translations: Sequence[Translation],
    *,
    attention: bool,
    detected: Sequence[DetectedLanguage] | None,
) -> dict[str, Any]:
    """What answers `asked`, of the shape `TranslateReply`; keys not asked for are absent.

    `detected` has the language of each text where it was `auto`.
    """
    lists: dict[str, list[Any]] = {
        "translatedText": [translation.text for translation in translations],
        "segments": [segment_records(translation.segments, attention=attention) for translation in translations],
    }
    if detected is not None:
        lists["detectedLanguage"] = [language.model_dump() for language in detected]
    if asked.alternatives:
        lists["alternatives"] = [[other.text for other in best.alternatives] for best in translations]
        lists["alternativeSegments"] = [
            [segment_records(other.segments, attention=attention) for other in best.alternatives]
            for best in translations
        ]
    return {key: value if asked.is_list else value[0] for key, value in lists.items()}


def encoded(value: object) -> bytes:
    """`value` as JSON, on one line. Raises ValueError for numbers that JSON doesn't have."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
