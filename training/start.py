"""Starting from a model that there is: its shape, its vocabulary, its weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nmt.artifact import load_artifact
from nmt.errors import ConfigError
from nmt.files import user_path
from nmt.known_words import KnownWords
from nmt.model import Seq2Seq
from nmt.tokenizer import SentencePieceTokenizer
from training.widening import WIDTHS, widen

KEY = "training.start_from"


def with_shape(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of a configuration; what [model] doesn't say is as in the model that `training.start_from` names.

    Raises ArtifactError where that can't be read.
    """
    training, model = tables.get("training"), tables.get("model", {})
    folder = training.get("start_from") if isinstance(training, Mapping) else None
    if not folder or not isinstance(folder, str) or not isinstance(model, Mapping):
        return dict(tables)
    return {**tables, "model": {**load_artifact(user_path(folder)).config.to_mapping(), **model}}


class Start(NamedTuple):
    """What is known of the model that training started from."""

    provenance: Mapping[str, Any]
    known_words: KnownWords | None


def start_model(model: Seq2Seq, tokenizer: SentencePieceTokenizer, folder: Path) -> Start:
    """Give `model` the weights of the one in `folder`; a wider `model` computes what that one does (`widen`).

    Raises ArtifactError where that can't be read, ConfigError where it has another shape (but for dropout, and widths
    that are smaller) or another tokenizer.
    """
    found = load_artifact(folder)
    given = found.config.shape
    for name, value in model.config.shape.items():
        grows = name in WIDTHS and model.config.attention != "dot" and isinstance(given[name], int)
        if value != given[name] and not (grows and isinstance(value, int) and value > given[name]):
            least = "at least " if grows else ""
            raise ConfigError(f"model.{name}", value, f"{least}{given[name]!r}, as the model of {KEY} has it")
    if tokenizer.serialized != found.tokenizer.serialized:
        allowed = "a model with the tokenizer of the corpora; run `nmt prepare --anew` where they are prepared"
        raise ConfigError(KEY, str(folder), allowed)
    widen(model, found.model.state_dict(), found.config)
    return Start(found.provenance, found.known_words)
