"""What commands have in common, and command-line options made from the fields of option classes."""

import functools
import inspect
import types
from collections.abc import Callable, Iterator
from dataclasses import MISSING
from pathlib import Path
from typing import Annotated, Any, TypeAlias, get_args, get_origin, get_type_hints

import typer

from nmt.errors import ConfigError
from nmt.options import Options, field_types

Model: TypeAlias = Annotated[
    Path | None, typer.Option("--model", metavar="FOLDER", help="A model's folder. Default: the bundled model.")
]
Ensemble: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="FOLDER[+FOLDER...]",
        help="A model's folder; several are an ensemble, whose predictions are averaged. Default: the bundled model.",
    ),
]
Source: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--source", metavar="CODE", help="Language of the input. May be left out if only one leads to the target."
    ),
]
Target: TypeAlias = Annotated[str, typer.Option("--target", metavar="CODE", help="Language to translate to.")]


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` one command-line option for each field of its parameters whose type is an `Options` class.

    `beam_size: int = option(5, "...", minimum=1)` becomes `--beam-size`, with its help, range and default. The command
    gets the option class, built and checked: what it refuses is a ConfigError that names the option as typed.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: kind for name, kind in hints.items() if isinstance(kind, type) and issubclass(kind, Options)}

    @functools.wraps(command)
    def wrapper(**arguments: Any) -> None:
        for name, kind in groups.items():
            arguments[name] = _built(kind, {field: arguments.pop(field) for field in field_types(kind)})
        command(**arguments)

    parameters = list(_parameters(inspect.signature(command), hints, groups))
    names = [parameter.name for parameter in parameters]
    assert len(set(names)) == len(names), f"two options of {command.__name__} share a name: {names}"
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapper


def flag(field: str) -> str:
    """What a field is called on the command line."""
    return "--" + field.replace("_", "-")


def _parameters(
    signature: inspect.Signature, hints: dict[str, Any], groups: dict[str, type[Options]]
) -> Iterator[inspect.Parameter]:
    for name, parameter in signature.parameters.items():
        if name in groups:
            for field, kind in field_types(groups[name]).items():
                yield _option(field, kind, groups[name])
        else:
            yield parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[name])


def _option(name: str, kind: Any, owner: type[Options]) -> inspect.Parameter:
    field = owner.__dataclass_fields__[name]
    default = inspect.Parameter.empty if field.default is MISSING else field.default
    integer = int in (kind, *get_args(kind))
    low, high = (
        None if bound is None else int(bound) if integer else float(bound) for bound in _bounds(field.metadata)
    )
    described = typer.Option(
        flag(name), help=_sentence(field.metadata["help"]), min=low, max=high, rich_help_panel=_heading(owner)
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[_listed(kind), described]
    )


def _bounds(metadata: "types.MappingProxyType[str, Any]") -> tuple[float | None, float | None]:
    return metadata["minimum"], metadata["maximum"]


def _listed(kind: Any) -> Any:
    """The type for typer: an option that may be given several times where the field is a tuple."""
    return list[get_args(kind)[0]] if get_origin(kind) is tuple else kind  # type: ignore[misc]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _heading(owner: type[Options]) -> str:
    return owner.__name__.removesuffix("Options") + " options"


def _built(kind: type[Options], values: dict[str, Any]) -> Options:
    try:
        return kind(**values)
    except ConfigError as error:
        raise ConfigError(flag(error.key), error.got, error.allowed) from None
