"""The shapes of replies, as OpenAPI documents them."""

from typing import Literal

from pydantic import BaseModel, Field

Matrix = list[list[float]]


class Failure(BaseModel):
    """What every failed request gets, whatever its status code."""

    error: str = Field(description="what was wrong, in a sentence for people")


class DetectedLanguage(BaseModel):
    """A language that a text may be in."""

    confidence: float = Field(description="percent; 0 where nothing could be detected", ge=0, le=100)
    language: str


class TokenShape(BaseModel):
    """A sub-word piece. `start` and `end` are a half-open span of the whole text, in Unicode code points."""

    piece: str
    start: int
    end: int
    special: bool = Field(description="a language tag or the end symbol, whose span is empty")


class WordShape(BaseModel):
    """A word with its half-open spans of the whole text (in code points) and of the segment's tokens."""

    text: str
    start: int
    end: int
    firstToken: int
    lastToken: int = Field(description="one past the last")


class SideShape(BaseModel):
    """The source or the target of a segment: its half-open span of the whole text, in code points, and its parts."""

    start: int
    end: int
    tokens: list[TokenShape]
    words: list[WordShape]


class ScoreShape(BaseModel):
    """Natural logarithms, the end symbol included: the nearer to 0, the surer."""

    logProbability: float
    rank: float = Field(description="what hypotheses are ordered by: log-probability / length^length_penalty")
    tokens: list[float] = Field(description="log-probability of each target token; their sum is logProbability")


class CorrectionShape(BaseModel):
    """A source word that looks mistyped."""

    word: int = Field(description="which of the source words")
    text: str = Field(description="how the whole word was read")


class SegmentShape(BaseModel):
    """A stretch of the text that was translated as a whole, and how its translation came about."""

    source: SideShape
    target: SideShape
    attention: Matrix | None = Field(
        None,
        description="weights [target token][source token], each row sums to 1, rounded to 4 decimals; null where the "
        "model has no attention, absent where it was not wanted",
    )
    wordAttention: Matrix | None = Field(
        None,
        description="weights [target word][source word]: the columns of a word's tokens added, its rows averaged, "
        "special symbols left out without renormalising; null or absent like `attention`",
    )
    links: list[tuple[int, int]] = Field(description="each target word and the source word that it looked at most")
    score: ScoreShape
    correctedWords: list[CorrectionShape] = Field(description="source words that look mistyped, and what was read")
    unknownWords: list[int] = Field(
        description="source words that the model has not learnt from, and that don't come back as they are"
    )
    warnings: list[str] = Field(description="codes of what may be wrong with this translation, such as `length_limit`")


class TranslateReply(BaseModel):
    """For a list of texts every value is a list, one item for each text, in order."""

    translatedText: str | list[str] = Field(description="the translation, white space around it as in the text")
    detectedLanguage: DetectedLanguage | list[DetectedLanguage] | None = Field(None, description="only for `auto`")
    alternatives: list[str] | list[list[str]] | None = Field(
        None, description="only if asked for: further translations, best first, without doubles or the best one"
    )
    segments: list[SegmentShape] | list[list[SegmentShape]] = Field(
        description="what was translated; empty for a text with nothing to translate, which comes back as it is"
    )
    alternativeSegments: list[list[SegmentShape]] | list[list[list[SegmentShape]]] | None = Field(
        None, description="only if alternatives are asked for: the segments of each"
    )


class LanguageShape(BaseModel):
    """A served language and the codes of those that it can be translated to."""

    code: str
    name: str
    targets: list[str]


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """The models are loaded and warm."""

    status: Literal["ready"] = "ready"
    model: str = Field(description="the model, or the first of them")
    models: dict[str, str] = Field(description="name -> version of each model")
    secondsToReady: float


class Unready(Failure):
    """Not yet, or no longer."""

    status: str = Field(description="loading, warming up, failed, recovering or draining")


class LanguageName(BaseModel):
    """A language by code and English name."""

    code: str
    name: str


class LanguageChoice(BaseModel):
    """The direction to offer first."""

    source: LanguageName
    target: LanguageName


class FrontendSettings(BaseModel):
    """What a page that talks to this server has to know."""

    charLimit: int = Field(description="longest text, in characters")
    frontendTimeout: int = Field(description="milliseconds to wait after the last key before translating as one types")
    apiKeys: bool
    keyRequired: bool
    suggestions: bool
    filesTranslation: bool
    supportedFilesFormat: list[str]
    language: LanguageChoice
    beamSize: int = Field(description="beam size where a request doesn't say")
    maxBeamSize: int
    maxAlternatives: int
