"""Neural machine translation with recurrent encoder-decoders and attention.

    from nmt import Translator

    Translator.load().translate("Good morning.", source="en", target="de").text

Names are loaded when they are first used, so that importing the package does not import torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "Artifact",
    "ArtifactError",
    "CheckpointError",
    "ConfigError",
    "DataError",
    "Detection",
    "Direction",
    "DirectionError",
    "InputError",
    "LanguageIdentifier",
    "ModelConfig",
    "NmtError",
    "NonFiniteLossError",
    "SearchOptions",
    "Segment",
    "TextOptions",
    "Token",
    "TrainingError",
    "Translation",
    "Translator",
    "Word",
    "__version__",
    "load_artifact",
    "save_artifact",
]

if TYPE_CHECKING:
    from nmt.artifact import Artifact, load_artifact, save_artifact
    from nmt.config import ModelConfig, SearchOptions
    from nmt.direction import Direction
    from nmt.errors import (
        ArtifactError,
        CheckpointError,
        ConfigError,
        DataError,
        DirectionError,
        InputError,
        NmtError,
        NonFiniteLossError,
        TrainingError,
    )
    from nmt.identification.identifier import Detection, LanguageIdentifier
    from nmt.text.options import TextOptions
    from nmt.translation import Segment, Token, Translation, Word
    from nmt.translator import Translator

_HOMES = {
    "nmt.artifact": ("Artifact", "load_artifact", "save_artifact"),
    "nmt.config": ("ModelConfig", "SearchOptions"),
    "nmt.direction": ("Direction",),
    "nmt.identification.identifier": ("Detection", "LanguageIdentifier"),
    "nmt.text.options": ("TextOptions",),
    "nmt.translation": ("Segment", "Token", "Translation", "Word"),
    "nmt.translator": ("Translator",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name) or ("nmt.errors" if name in __all__ else None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
