"""Which language a text is in, when the client doesn't know it."""

import html
import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from nmt.errors import InputError, NmtError
from service.languages import Languages
from service.schemas import DetectedLanguage
from service.translating import Detected, Identifying

logger = logging.getLogger("service")
MOST_DETECTED = 5
PERCENT_DECIMALS = 1
_TAG = re.compile("<[^<>]*>")


def load_identifier(folder: Path | None) -> Identifying:
    """The language identifier in `folder`, or the bundled one. Raises ArtifactError where there is none."""
    from nmt.identification.identifier import LanguageIdentifier

    return LanguageIdentifier.load(folder)


class Detector:
    """Tells languages, with an identifier that is loaded when it is needed first, or fails to be, once."""

    def __init__(self, load: Callable[[], Identifying]) -> None:
        self._load = load
        self._identifier: Identifying | None = None
        self._failed = False

    def prepare(self) -> None:
        """Load the identifier. Without one, detection is refused, and all else works."""
        try:
            self._identifier = self._load()
        except Exception as error:
            self._failed = True
            said = str(error) if isinstance(error, NmtError) else type(error).__name__
            logger.warning("no language detection: %s", said)

    def detect(self, text: str) -> list[DetectedLanguage]:
        """The likeliest of all languages that the identifier knows, best first. Raises InputError without one."""
        (found,) = self._ready().identify_batch([text], most=MOST_DETECTED)
        return [_as_percent(detected) for detected in found]

    def sources(
        self, texts: Sequence[str], target: str, languages: Languages, format: str = "text"
    ) -> list[DetectedLanguage]:
        """For each text the likeliest of the languages that can be translated to `target`, however unlikely.

        Its confidence is that among all languages that the identifier knows. The only such language is taken as it is
        where nothing can be detected. Raises InputError where there are several, and DirectionError where none.
        """
        candidates = languages.sources(target)
        if len(candidates) == 1 and not self._can_tell(candidates):
            return [DetectedLanguage(confidence=0.0, language=candidates[0])] * len(texts)
        identifier = self._ready()
        if not self._can_tell(candidates):
            raise InputError(f"auto is not supported: source must be one of {', '.join(candidates)}")
        readable = [without_tags(text) for text in texts] if format == "html" else texts
        found = identifier.identify_batch(readable, most=len(identifier.labels))
        return [_as_percent(_best(detected, candidates)) for detected in found]

    def _can_tell(self, candidates: Sequence[str]) -> bool:
        identifier = self._loaded()
        return identifier is not None and any(code in identifier.labels for code in candidates)

    def _loaded(self) -> Identifying | None:
        if self._identifier is None and not self._failed:
            self.prepare()
        return self._identifier

    def _ready(self) -> Identifying:
        identifier = self._loaded()
        if identifier is None:
            raise InputError("language detection is not available on this server: name the source language")
        return identifier


def without_tags(text: str) -> str:
    """Roughly what a reader of this HTML sees."""
    return html.unescape(_TAG.sub(" ", text))


def _best(found: Sequence[Detected], candidates: Sequence[str]) -> Detected:
    """The likeliest candidate; of equally likely ones, the first candidate."""
    known = {detected.language: detected for detected in found}
    return max((known[code] for code in candidates if code in known), key=lambda detected: detected.confidence)


def _as_percent(detected: Detected) -> DetectedLanguage:
    return DetectedLanguage(confidence=round(100 * detected.confidence, PERCENT_DECIMALS), language=detected.language)
