"""The model that a command was given."""

from pathlib import Path
from typing import TYPE_CHECKING

from nmt.errors import ArtifactError

if TYPE_CHECKING:
    from nmt.translator import Translator


def load_translator(model: Path | None) -> "Translator":
    """The model in the folder, the bundled one for None; `A+B`, where there is no such path, is A and B as an ensemble.

    Raises ArtifactError.
    """
    from nmt.translator import Translator

    if model is None or model.exists():
        return Translator.load(model)
    parts = members(model)
    if not all(parts):
        raise ArtifactError(f"there is no model folder {model}; an ensemble is two folders or more, such as A+B")
    return Translator.load(*map(Path, parts))


def members(model: Path) -> list[str]:
    """The folders of A+B, where there is no such path; else the one that it is."""
    return [str(model)] if model.exists() else str(model).split("+")
