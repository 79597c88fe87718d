"""The shapes of requests, as OpenAPI documents them."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from nmt.config import SearchOptions
from nmt.errors import InputError
from nmt.text.options import TextOptions
from nmt.tokenizer import check_unicode
from service.languages import shortened
from service.settings import Settings

MOST_TERM_CHARACTERS = 200
KINDS = {
    "q": "text or a list of texts",
    "glossary": "a mapping of terms to terms",
    "protect": "a list of regular expressions",
}
TextT = TypeVar("TextT", str, str | list[str])


def _unicode(value: TextT) -> TextT:
    try:
        for text in [value] if isinstance(value, str) else value:
            check_unicode(text)
    except InputError as error:
        raise PydanticCustomError("unicode", "{reason}", {"reason": str(error)}) from None
    return value


def _list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _mapping(value: object) -> object:
    """A form has its glossary as JSON. What is no term stops it here, before each such entry is made an error."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value
    if isinstance(found, Mapping) and not all(isinstance(term, str) for term in found.values()):
        raise PydanticCustomError("terms", "a mapping of terms to terms")
    return found


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("number", "a number, not true or false")
    return value


def _unicode_terms(terms: dict[str, str]) -> dict[str, str]:
    _unicode([*terms, *terms.values()])
    return terms


FAIL_FAST = Field(fail_fast=True)  # the first fault is all that is said, and a body may hold half a million
Code = Annotated[str, AfterValidator(_unicode)]
Texts = Annotated[str | Annotated[list[str], FAIL_FAST], AfterValidator(_unicode)]
Whole = Annotated[int, BeforeValidator(_no_boolean)]
Number = Annotated[float, BeforeValidator(_no_boolean)]
Patterns = Annotated[list[str], FAIL_FAST, BeforeValidator(_list), AfterValidator(_unicode)]
Terms = Annotated[dict[str, str], BeforeValidator(_mapping), AfterValidator(_unicode_terms)]


class Asked(BaseModel):
    """Parameters from a client. Unknown keys are ignored; an empty value counts as absent."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, values: Any) -> Any:
        assert isinstance(values, Mapping), "bodies are read into mappings"
        return {key: value for key, value in values.items() if value is not None and value != "" and value != []}

    @classmethod
    def read(cls, values: Mapping[str, object]) -> Self:
        """The request in `values`. Raises InputError that names the first parameter, in order, that is at fault."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise InputError(_fault(first["loc"], first["type"], first.get("ctx", {}))) from None


class DetectRequest(Asked):
    """A text whose language is asked for."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"example": {"q": "Guten Morgen."}})

    q: Code = Field(description="the text")
    api_key: str | None = Field(None, description="needed where the server asks for one; or `Authorization: Bearer`")

    def check_limits(self, settings: Settings) -> None:
        """Raise InputError for a text that is too long."""
        if len(self.q) > settings.max_text_characters:
            raise _too_much(len(self.q), settings.max_text_characters)


class TranslateRequest(Asked):
    """One text or a list of texts, and how to translate. Unknown keys are ignored; an empty value counts as absent."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={"example": {"q": "Good morning.", "source": "en", "target": "de", "alternatives": 2}},
    )

    q: Texts = Field(description="the text, or a list of texts; each list item is translated by itself")
    source: Code = Field(description="language code of the texts, or `auto`: each text's language is detected")
    target: Code = Field(description="language code to translate to")
    alternatives: Whole = Field(0, description="how many further translations to give for each text", ge=0)
    format: Code = Field(
        "text",
        description="`text`, or `html`, whose tags are kept and set anew",
        json_schema_extra={"enum": ["text", "html"]},
    )
    api_key: str | None = Field(None, description="needed where the server asks for one; or `Authorization: Bearer`")
    glossary: Terms = Field(
        {}, description="source term -> what the translation must say for it; in a form, a JSON object"
    )
    protect: Patterns = Field(
        [],
        description="regular expressions in the syntax of RE2; what they match is kept as it is, besides addresses, "
        "placeholders and emoji",
    )
    spelling: bool = Field(
        True, description="whether words that look mistyped are read as those that were meant, where that is clear"
    )
    stream: bool = Field(
        False,
        description="answer with server-sent events: `partial` {text_index, index, text} as a sentence grows, "
        "`segment` {text_index, index, source: {start, end}, translatedText} when it is complete, `done` with the "
        "whole reply, or `error` {error}",
    )
    attention: bool | None = Field(None, description="whether to send attention weights; absent: the server's choice")
    beam_size: Whole | None = Field(None, description="hypotheses kept at each step; 1 is greedy", ge=1)
    length_penalty: Number = Field(
        1.0,
        description="alpha: hypotheses are ranked by log-probability / length^alpha",
        ge=0,
        le=5,
        allow_inf_nan=False,
    )
    max_length: Whole | None = Field(None, description="most target tokens of a translation, end symbol included", ge=1)

    def check_limits(self, settings: Settings) -> None:
        """Raise InputError for the first parameter that is over a limit."""
        limits = {
            "alternatives": (self.alternatives, settings.most_alternatives),
            "beam_size": (self.beam_size, settings.max_beam_size),
            "max_length": (self.max_length, settings.max_output_tokens),
        }
        for name, (value, limit) in limits.items():
            if value is not None and value > limit:
                raise InputError(f"Invalid request: {name} parameter must be <= {limit}")
        texts, text = len(self.texts), max(map(len, self.texts))
        for size, limit in ((texts, settings.max_texts), (text, settings.max_text_characters)):
            if size > limit:
                raise _too_much(size, limit)
        for name, size, limit in (
            ("glossary", len(self.glossary), settings.max_glossary_terms),
            ("protect", len(self.protect), settings.max_protect_patterns),
        ):
            if size > limit:
                raise InputError(f"Invalid request: {name} parameter has {size} entries, at most {limit} are allowed")
        longest = max(map(len, [*self.glossary, *self.glossary.values()]), default=0)
        if longest > MOST_TERM_CHARACTERS:
            raise InputError(f"Invalid request: glossary parameter has a term of {longest} characters, "
                             f"at most {MOST_TERM_CHARACTERS} are allowed")  # fmt: skip

    def text_options(self) -> TextOptions:
        """How the texts are read. Raises InputError for an unknown format, ConfigError for terms that clash."""
        if self.format not in ("text", "html"):
            raise InputError(f"{shortened(self.format)} format is not supported")
        return TextOptions(
            format="html" if self.format == "html" else "text",
            glossary=tuple(self.glossary.items()),
            protect=tuple(self.protect),
            spelling=self.spelling,
        )

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.q,) if isinstance(self.q, str) else tuple(self.q)

    @property
    def is_list(self) -> bool:
        return not isinstance(self.q, str)

    def search_options(self, settings: Settings) -> SearchOptions:
        """What to ask of the search: alternatives need a beam at least as wide as their number and the best one."""
        n_best = self.alternatives + 1
        return SearchOptions(
            beam_size=max(self.beam_size or settings.beam_size, n_best),
            n_best=n_best,
            length_penalty=self.length_penalty,
            max_length=self.max_length or min(SearchOptions().max_length, settings.max_output_tokens),
        )


def _too_much(size: int, limit: int) -> InputError:
    return InputError(f"Invalid request: request ({size}) exceeds text limit ({limit})")


def _fault(where: tuple[int | str, ...], kind: str, context: Mapping[str, Any]) -> str:
    name, is_union = str(where[0]), len(where) > 1
    if kind == "missing":
        return f"Invalid request: missing {name} parameter"
    if kind == "unicode":
        return f"Invalid request: {name}: {context['reason']}"
    bounds = {"greater_than_equal": ">= {ge}", "less_than_equal": "<= {le}"}
    if kind in bounds:
        return f"Invalid request: {name} parameter must be {bounds[kind].format(**context)}"
    if name in KINDS and (is_union or not kind.startswith("string")):
        expected = KINDS[name]
    else:
        expected = "text" if kind.startswith("string") else "true or false" if kind.startswith("bool") else "a number"
    return f"Invalid request: {name} parameter is not {expected}"
