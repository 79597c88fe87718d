"""Options as frozen dataclasses: each field states its meaning and its range once, and both are enforced.

@dataclass(frozen=True, kw_only=True)
class Shape(Options):
    width: int = option(320, "units of a layer", minimum=1)

Shape(width=0)                             # ConfigError: width: got 0, expected at least 1
Shape.from_mapping({"widht": 3}, "model")  # ConfigError: model.widht: ... did you mean 'width'?
"""

import copy
import dataclasses
import difflib
import json
import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from typing import Any, Literal, Self, Union

from nmt.errors import ConfigError


def option(
    default: Any = MISSING, help: str = "", *, minimum: float | None = None, maximum: float | None = None
) -> Any:
    """A field with its meaning, which `--help` or `nmt train --options` shows, and its closed range.

    A list or dict default is copied.
    """
    metadata = {"help": help, "minimum": minimum, "maximum": maximum}
    if isinstance(default, list | dict):
        return dataclasses.field(default_factory=lambda: copy.deepcopy(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Base of every configuration: checked when made, closed to unknown keys, equal by value."""

    def __post_init__(self) -> None:
        for name, kind in field_types(type(self)).items():
            value = _fitted(name, getattr(self, name), kind)
            object.__setattr__(self, name, value)
            _check_range(name, value, type(self).__dataclass_fields__[name].metadata)
        self.check()

    def check(self) -> None:
        """Override to refuse options that contradict each other (raise ConfigError with the key to change)."""

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], where: str = "") -> Self:
        """Build from parsed JSON or TOML; `where` is the dotted path that errors name before the key."""
        if not isinstance(mapping, Mapping):
            raise ConfigError(where or cls.__name__, mapping, "a table of options")
        known = field_types(cls)
        for key in mapping:
            if key not in known:
                raise ConfigError(_join(where, key), mapping[key], suggestion(str(key), list(known)))
        for name, field in cls.__dataclass_fields__.items():
            if name not in mapping and field.default is MISSING and field.default_factory is MISSING:
                raise ConfigError(_join(where, name), None, f"a value ({field.metadata.get('help', 'required')})")
        values = {key: _nested(known[key], value, _join(where, key)) for key, value in mapping.items()}
        try:
            return cls(**values)
        except ConfigError as error:
            raise ConfigError(_join(where, error.key), error.got, error.allowed) from None

    def to_mapping(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers: what `from_mapping` reads back to an equal value."""
        plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return plain


def field_types(cls: type) -> dict[str, Any]:
    """Name -> resolved type of each option, in the order of declaration."""
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def describe_type(kind: Any) -> str:
    """What an option may be, in words."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return "one of " + ", ".join(map(repr, arguments))
    if origin in (Union, types.UnionType):
        return " or ".join(describe_type(part) for part in arguments)
    if origin is tuple:
        return f"a list, each {describe_type(arguments[0])}"
    if origin is dict:
        return f"a table, each value {describe_type(arguments[1])}"
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", type(None): "nothing"}
    return words.get(kind, "a table of options")


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else str(key)


def suggestion(key: str, known: list[str]) -> str:
    """What is expected in place of the unknown `key`: the known ones, and which of them it may have been meant for."""
    close = difflib.get_close_matches(key, known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"a known key{hint}; known keys: {', '.join(sorted(known))}"


def _nested(kind: Any, value: Any, where: str) -> Any:
    """Turn the tables inside a parsed file into the option classes that the field's type names."""
    if isinstance(kind, type) and issubclass(kind, Options) and not isinstance(value, Options):
        return kind.from_mapping(value, where)
    if typing.get_origin(kind) is tuple and isinstance(value, list | tuple):
        part = typing.get_args(kind)[0]
        return tuple(_nested(part, item, f"{where}[{index}]") for index, item in enumerate(value))
    return value


def _fitted(name: str, value: Any, kind: Any) -> Any:
    """`value` as `kind`, or ConfigError; a whole number is a number, a list is a tuple, nothing else converts."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        for part in arguments:
            try:
                return _fitted(name, value, part)
            except ConfigError:
                continue
        raise ConfigError(name, value, describe_type(kind))
    if origin is Literal:
        if value in arguments and type(value) in {type(choice) for choice in arguments}:
            return value
    elif origin is tuple:
        if isinstance(value, list | tuple):
            return tuple(_fitted(f"{name}[{index}]", item, arguments[0]) for index, item in enumerate(value))
    elif origin is dict:
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            return {key: _fitted(f"{name}.{key}", item, arguments[1]) for key, item in value.items()}
    elif kind is float:
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max:
            return float(value)
    elif isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    raise ConfigError(name, value, describe_type(kind))


def _check_range(name: str, value: Any, metadata: Mapping[str, Any]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    minimum, maximum = metadata.get("minimum"), metadata.get("maximum")
    if maximum is None and isinstance(value, int):
        maximum = sys.maxsize
    if minimum is not None and value < minimum:
        raise ConfigError(name, value, f"at least {minimum:g}")
    if maximum is not None and value > maximum:
        raise ConfigError(name, value, f"at most {maximum:g}")
