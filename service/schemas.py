"""The shapes of requests and replies, as OpenAPI documents them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from nmt.config import SearchOptions
from nmt.errors import InputError
from nmt.tokenizer import check_unicode
from service.languages import shortened
from service.settings import Settings

Matrix = list[list[float]]
TextT = TypeVar("TextT", str, str | list[str])


def _unicode(value: TextT) -> TextT:
    try:
        for text in [value] if isinstance(value, str) else value:
            check_unicode(text)
    except InputError as error:
        raise PydanticCustomError("unicode", "{reason}", {"reason": str(error)}) from None
    return value


Code = Annotated[str, AfterValidator(_unicode)]
Texts = Annotated[str | list[str], AfterValidator(_unicode)]


class TranslateRequest(BaseModel):
    """One text or a list of texts, and how to translate. Unknown keys are ignored; an empty value counts as absent."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={"example": {"q": "Good morning.", "source": "en", "target": "de", "alternatives": 2}},
    )

    q: Texts = Field(description="the text, or a list of texts; each list item is translated by itself")
    source: Code = Field(description="language code of the texts; `auto` where only one language leads to the target")
    target: Code = Field(description="language code to translate to")
    alternatives: int = Field(0, description="how many further translations to give for each text", ge=0)
    format: Code = Field(
        "text", description="`text`; `html` is not supported yet", json_schema_extra={"enum": ["text"]}
    )
    api_key: str | None = Field(None, description="ignored: this server asks for no key")
    attention: bool | None = Field(None, description="whether to send attention weights; absent: the server's choice")
    beam_size: int | None = Field(None, description="hypotheses kept at each step; 1 is greedy", ge=1)
    length_penalty: float = Field(
        1.0,
        description="alpha: hypotheses are ranked by log-probability / length^alpha",
        ge=0,
        le=5,
        allow_inf_nan=False,
    )
    max_length: int | None = Field(None, description="most target tokens of a translation, end symbol included", ge=1)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, values: Any) -> Any:
        assert isinstance(values, Mapping), "bodies are read into mappings"
        return {key: value for key, value in values.items() if value is not None and value != "" and value != []}

    @classmethod
    def read(cls, values: Mapping[str, object]) -> "TranslateRequest":
        """The request in `values`. Raises InputError that names the first parameter, in order, that is at fault."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise InputError(_fault(str(first["loc"][0]), first["type"], first.get("ctx", {}))) from None

    def check_limits(self, settings: Settings) -> None:
        """Raise InputError for the first parameter that is over a limit."""
        limits = {
            "alternatives": (self.alternatives, settings.max_alternatives),
            "beam_size": (self.beam_size, settings.max_beam_size),
            "max_length": (self.max_length, settings.max_output_tokens),
        }
        for name, (value, limit) in limits.items():
            if value is not None and value > limit:
                raise InputError(f"Invalid request: {name} parameter must be <= {limit}")
        texts, text = len(self.texts), max(map(len, self.texts))
        for size, limit in ((texts, settings.max_texts), (text, settings.max_text_characters)):
            if size > limit:
                raise InputError(f"Invalid request: request ({size}) exceeds text limit ({limit})")

    def check_format(self) -> None:
        """Raise InputError for anything but plain text."""
        if self.format != "text":
            raise InputError(f"{shortened(self.format)} format is not supported")

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.q,) if isinstance(self.q, str) else tuple(self.q)

    @property
    def is_list(self) -> bool:
        return not isinstance(self.q, str)

    def search_options(self, default_beam_size: int) -> SearchOptions:
        """What to ask of the search: alternatives need a beam at least as wide as their number and the best one."""
        n_best = self.alternatives + 1
        limits = {} if self.max_length is None else {"max_length": self.max_length}
        return SearchOptions(
            beam_size=max(self.beam_size or default_beam_size, n_best),
            n_best=n_best,
            length_penalty=self.length_penalty,
            **limits,
        )


def _fault(name: str, kind: str, context: Mapping[str, Any]) -> str:
    if kind == "missing":
        return f"Invalid request: missing {name} parameter"
    if kind == "unicode":
        return f"Invalid request: {name}: {context['reason']}"
    bounds = {"greater_than_equal": ">= {ge}", "less_than_equal": "<= {le}"}
    if kind in bounds:
        return f"Invalid request: {name} parameter must be {bounds[kind].format(**context)}"
    expected = "text or a list of texts" if name == "q" else "text" if kind.startswith("string") else "a number"
    return f"Invalid request: {name} parameter is not {'true or false' if kind.startswith('bool') else expected}"


class Failure(BaseModel):
    """What every failed request gets, whatever its status code."""

    error: str = Field(description="what was wrong, in a sentence for people")


class DetectedLanguage(BaseModel):
    """Only in answers to `source: auto`."""

    confidence: float = Field(description="percent; 0 where the language was the only choice and nothing was detected")
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
    """The model is loaded and warm."""

    status: Literal["ready"] = "ready"
    model: str
    secondsToReady: float


class Unready(Failure):
    """Not yet, or no longer."""

    status: str = Field(description="loading, warming up, failed or draining")


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
