"""`nmt export`: a model in the form in which it is handed on."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from nmt.cli.parameters import Model
from nmt.errors import InputError


def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write; an earlier model there is replaced.")],
    model: Model = None,
    mean_with: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            show_default=False,
            help="Take the mean of the model's weights and those of this one, of the same shape and vocabulary.",
        ),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(min=0, max=1, show_default=False, help="Share of --mean-with in the mean. Default: 0.5."),
    ] = None,
    dtype: Annotated[
        Literal["float16", "float32"], typer.Option(help="Type of the stored weights; float16 halves the size.")
    ] = "float16",
    provenance: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="JSON to record in place of what the model has: data, licence, scores."),
    ] = None,
    card: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Text of its README.md, the model card. Default: made here."),
    ] = None,
) -> None:
    """Copy a model with smaller weights, its provenance and its card, or the mean of two models.

    Examples:
      nmt export my-model --model runs/my-model/best
      nmt export my-model --model runs/my-model/best --card card.md
      nmt export my-model --model runs/b/best --mean-with runs/a/best --share 0.3
    """
    from nmt.artifact import load_artifact, save_artifact
    from nmt.averaging import mean_of
    from nmt.translator import BUNDLED

    if share is not None and mean_with is None:
        raise InputError("--share is that of a second model: name it, --mean-with FOLDER")
    loaded = load_artifact(model or BUNDLED)
    if mean_with is not None:
        loaded = mean_of(loaded, load_artifact(mean_with), 0.5 if share is None else share)
    recorded = loaded.provenance if provenance is None else _read_object(provenance)
    save_artifact(folder, replace(loaded, provenance=recorded), dtype=dtype, card=None if card is None else _read(card))
    size = sum(path.stat().st_size for path in folder.iterdir())
    typer.echo(f"{folder}: {size / 1e6:.1f} MB", err=True)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"can't read {path}: {getattr(error, 'strerror', None) or error}") from None


def _read_object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_read(path))
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise InputError(f"{path} holds {type(found).__name__}, expected a JSON object")
    return found
