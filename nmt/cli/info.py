"""`nmt info`: what a model is."""

import json as json_format
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from nmt.cli.output import opened_output
from nmt.cli.parameters import Model


def info(
    model: Model = None,
    json: Annotated[bool, typer.Option("--json", help="Write JSON for scripts.")] = False,
) -> None:
    """Show what a model is: directions, size, shape, and where it comes from.

    Examples:
      nmt info
      nmt info --model runs/my-model/best --json
    """
    from nmt.translator import Translator

    description = Translator.load(model).describe()
    with opened_output(None) as write:
        if json:
            write(json_format.dumps(description, ensure_ascii=False))
        else:
            for line in _lines(description):
                write(line)


def _lines(mapping: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """A line for each key; what is in a table stands under it, indented."""
    width = max((len(key) for key, value in mapping.items() if not isinstance(value, Mapping)), default=0)
    for key, value in mapping.items():
        if isinstance(value, Mapping):
            yield f"{indent}{_words(key)}:"
            yield from _lines(value, indent + "  ")
        else:
            yield f"{indent}{_words(key):{width}}  {_shown(value)}"


def _words(key: str) -> str:
    return key.replace("_", " ")


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        if value.keys() == {"source", "target"}:
            return f"{value['source']}-{value['target']}"
        return ", ".join(f"{_words(key)} {_shown(part)}" for key, part in value.items())
    if isinstance(value, list):
        parts = list(map(_shown, value))
        return ("; " if any(", " in part for part in parts) else ", ").join(parts)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "-"}[value]
    return f"{value:,}" if isinstance(value, int) else str(value)
