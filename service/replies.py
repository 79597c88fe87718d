"""From what the translator returns to what goes over the wire."""

from collections.abc import Sequence
from typing import Any

from nmt.records import segment_records
from nmt.translation import Translation
from service.schemas import TranslateRequest


def translate_reply(
    asked: TranslateRequest, translations: Sequence[Translation], *, attention: bool, detected: str | None
) -> dict[str, Any]:
    """What answers `asked`, of the shape `TranslateReply`; keys not asked for are absent.

    `detected` is the language that `auto` stood for.
    """
    lists: dict[str, list[Any]] = {
        "translatedText": [translation.text for translation in translations],
        "segments": [segment_records(translation.segments, attention=attention) for translation in translations],
    }
    if detected is not None:
        lists["detectedLanguage"] = [{"confidence": 0.0, "language": detected} for _ in translations]
    if asked.alternatives:
        lists["alternatives"] = [[other.text for other in best.alternatives] for best in translations]
        lists["alternativeSegments"] = [
            [segment_records(other.segments, attention=attention) for other in best.alternatives]
            for best in translations
        ]
    return {key: value if asked.is_list else value[0] for key, value in lists.items()}
