"""A configuration as a user gives it: a TOML file, and keys that are set on the command line."""

import datetime
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nmt.errors import ConfigError, DataError


def load_tables(path: Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """The nested tables of the TOML file, changed by `overrides` such as `training.max_steps=100`.

    A value is TOML; what is not (bare words) is taken as text. Raises DataError for a file that can't be read or is not
    TOML (with the line), ConfigError for an override that is none.
    """
    tables = _read_toml(path)
    for override in overrides:
        _override(tables, override)
    output = tables.setdefault("output", {})
    if isinstance(output, dict):
        output.setdefault("folder", f"runs/{path.stem}")
    return tables


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(f"can't read the configuration {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise DataError(f"the configuration {path}, line {line}: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"the configuration {path} is not TOML: {error}") from None


def _override(tables: dict[str, Any], override: str) -> None:
    """Set one key in the nested `tables`, making the tables on its way."""
    key, equals, text = override.partition("=")
    names = [name.strip() for name in key.split(".")]
    if not equals or not all(names):
        raise ConfigError("override", override, "KEY=VALUE, such as training.max_steps=100")
    table: Any = tables
    for name in names[:-1]:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise ConfigError(key.strip(), text, f"a known key; {name!r} is not a table")
    table[names[-1]] = _value(text.strip())


def _value(text: str) -> Any:
    """`text` as a TOML value where it is one, else (and where it reads as a date or time) as it stands."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    value = parsed.pop("value")
    return text if parsed or isinstance(value, datetime.date | datetime.time) else value
