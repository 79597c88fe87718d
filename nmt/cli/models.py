"""The model that a command was given."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nmt.translator import Translator


def load_translator(model: Path | None) -> "Translator":
    """The model in the folder, the bundled one for None; `A+B`, where there is no such path, is A and B as an ensemble.

    Raises ArtifactError.
    """
    from nmt.translator import Translator

    if model is None or model.exists():
        return Translator.load(model)
    return Translator.load(*(Path(part) for part in str(model).split("+") if part))
