"""Everything an operator can set, in one place: environment variables with the prefix NMT_."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from nmt.errors import ConfigError


class Settings(BaseSettings):
    """`NMT_PORT=9000` sets `port`. Sizes are in the unit that their name ends in; times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="NMT_", frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 lets other machines in")
    port: int = Field(8000, description="port to listen on; 0 takes any free one", ge=0, le=65535)
    model: Path | None = Field(None, description="folder of the model; absent: the bundled one")
    threads: int = Field(0, description="processor threads of the model; 0: all that this process may use", ge=0)

    max_text_characters: int = Field(5000, description="longest text, in characters", ge=1)
    max_texts: int = Field(64, description="most texts of one request", ge=1)
    max_body_bytes: int = Field(1_000_000, description="largest body of a request, in bytes", ge=1)
    beam_size: int = Field(5, description="hypotheses kept at each step where a request doesn't say; 1 is greedy", ge=1)
    max_beam_size: int = Field(10, description="widest beam that a request may ask for", ge=1, le=64)
    max_alternatives: int = Field(5, description="most alternatives that a request may ask for", ge=0, le=63)
    max_output_tokens: int = Field(512, description="longest translation that a request may ask for, in tokens", ge=1)
    attention: bool = Field(True, description="send attention weights where a request doesn't say")

    queue_limit: int = Field(64, description="most requests that may wait for the model", ge=0)
    request_timeout_s: float = Field(30.0, description="longest time for one request, waiting included", gt=0)
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        ("*",), description="origins whose pages may call this service, separated by commas; * is any, empty is none"
    )

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fit_together(self) -> "Settings":
        if self.beam_size > self.max_beam_size:
            raise ValueError(f"beam_size ({self.beam_size}) is above max_beam_size ({self.max_beam_size})")
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
