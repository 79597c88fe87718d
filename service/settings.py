"""Everything an operator can set, in one place: environment variables with the prefix NMT_."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from nmt.errors import ConfigError

Words = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """`NMT_PORT=9000` sets `port`. Sizes are in the unit that their name ends in; times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="NMT_", frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 lets other machines in")
    port: int = Field(8000, description="port to listen on; 0 takes any free one", ge=0, le=65535)
    root_path: str = Field(
        "", description="path under which a proxy shows the service, such as /translate-api; empty: at the root"
    )
    trusted_proxies: Words = Field(
        ("127.0.0.1",),
        description="addresses or networks of proxies whose X-Forwarded-For and -Proto are believed, "
        "separated by commas; * is any",
    )
    cors_origins: Words = Field(
        ("*",), description="origins whose pages may call this service, separated by commas; * is any, empty is none"
    )

    model: Path | None = Field(None, description="folder of the model; absent: the bundled one")
    models: Path | None = Field(
        None, description="folder of model folders, all of which are served; instead of a model"
    )
    identifier: Path | None = Field(None, description="folder of the language identifier; absent: the bundled one")
    reload_s: float = Field(
        0.0, description="how often to look for new versions of the models; 0: only on SIGHUP", ge=0
    )
    decoders: int = Field(
        0,
        description="processes that decode, on one processor each; 0: one for each processor; "
        "1: none, the service decodes by itself, with the least memory",
        ge=0,
    )

    max_body_bytes: int = Field(1_000_000, description="largest body of a request, in bytes", ge=1)
    max_text_characters: int = Field(5000, description="longest text, in characters", ge=1)
    max_texts: int = Field(64, description="most texts of one request", ge=1)
    max_glossary_terms: int = Field(50, description="most glossary terms of one request", ge=0)
    max_protect_patterns: int = Field(10, description="most patterns of one request for what is kept", ge=0, le=32)
    max_alternatives: int = Field(5, description="most alternatives that a request may ask for", ge=0, le=63)
    beam_size: int = Field(5, description="hypotheses kept at each step where a request doesn't say; 1 is greedy", ge=1)
    max_beam_size: int = Field(10, description="widest beam that a request may ask for", ge=1, le=64)
    max_output_tokens: int = Field(
        512, description="longest translation of a sentence that a request may ask for, in tokens", ge=1
    )
    attention: bool = Field(True, description="send attention weights where a request doesn't say")

    max_requests: int = Field(256, description="most requests for translation at a time, their bodies included", ge=1)
    queue_tokens: int = Field(
        32_768, description="most source tokens that may wait for the model, each sentence padded to eights", ge=1
    )
    batch_rows: int = Field(512, description="most hypotheses that run at once in each decoder", ge=64)
    batch_tokens: int = Field(
        8192, description="most source tokens that run at once in each decoder, padding included", ge=1
    )
    batch_lanes: int = Field(
        8, description="most searches (model and options) that run side by side in each decoder", ge=1
    )
    request_timeout_s: float = Field(30.0, description="longest time for one request, waiting included", gt=0)
    drain_s: float = Field(
        0.0, description="how long to go on listening after SIGTERM, while /readyz already says 503", ge=0
    )

    api_keys: Words = Field(
        (), description="SHA-256 hashes of the API keys that are asked for, separated by commas; empty: no key needed"
    )
    api_keys_file: Path | None = Field(None, description="file with such hashes, one on each line")
    requests_per_minute: int = Field(
        0,
        description="requests a minute from one API key, or one address where keys are not needed; 0: any number",
        ge=0,
    )
    log_format: Literal["text", "json"] = Field("text", description="lines of text, or of JSON")

    @property
    def most_alternatives(self) -> int:
        """Those that a request may ask for: the widest beam holds them, and the best one."""
        return min(self.max_alternatives, self.max_beam_size - 1)

    @field_validator("cors_origins", "trusted_proxies", "api_keys", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("root_path")
    @classmethod
    def _begin_with_a_slash(cls, value: str) -> str:
        path = value.rstrip("/")
        if path and not re.fullmatch(r"(/[\w.~-]+)+", path, re.ASCII):
            raise ValueError("a path such as /translate-api")
        return path

    @model_validator(mode="after")
    def _fit_together(self) -> "Settings":
        if self.beam_size > self.max_beam_size:
            raise ValueError(f"beam_size ({self.beam_size}) is above max_beam_size ({self.max_beam_size})")
        if self.model is not None and self.models is not None:
            raise ValueError("model and models are both set")
        return self


def load_settings(**given: Any) -> Settings:
    """The environment's settings, with those `given` (None: not given) on top.

    Raises ConfigError that names the variable, what it was and what it may be.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        key = name if name in given else f"NMT_{name.upper()}".rstrip("_")
        raise ConfigError(key, first["input"] if name else "these settings", first["msg"]) from None
