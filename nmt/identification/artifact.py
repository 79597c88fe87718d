"""The folder of a trained classifier (its files are those of `nmt.model_folder`): saved, loaded, checked.

`config.json` holds the format version, kind, shape, labels, temperature, type of the stored numbers, provenance.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from nmt.errors import ArtifactError, ConfigError
from nmt.files import read_whole
from nmt.identification.card import classifier_card
from nmt.identification.config import ClassifierConfig
from nmt.identification.text import TextReader
from nmt.model_folder import CONFIG, TOKENIZER, WEIGHTS, check_replaceable, check_version, read_files, write_files
from nmt.options import Options, option

FORMAT_VERSION = 1

LabelKind = Literal["any", "languages"]
Weights = Mapping[str, NDArray[np.floating]]
EMBEDDING, OUTPUT, OUTPUT_BIAS = "embedding", "output.weight", "output.bias"
INPUT, RECURRENT, INPUT_BIAS, RECURRENT_BIAS = (
    f"encoder.layers.0.0.cell.{name}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
)


@dataclass(frozen=True, kw_only=True)
class ClassifierHeader(Options):
    """The part of `config.json` that has fixed keys."""

    format_version: int = option(FORMAT_VERSION, help="version of the folder's format")
    kind: Literal["classifier"] = option("classifier", help="what the folder holds")
    model: ClassifierConfig = option(help="shape of the model")
    labels: tuple[str, ...] = option(help="what its outputs stand for, in order")
    label_kind: LabelKind = option("any", help="what labels are; a text without letters is in no language")
    temperature: float = option(1.0, help="what logits are divided by for honest confidence", minimum=0.01)
    dtype: Literal["float16", "float32"] = option("float32", help="type of the stored numbers")

    def check(self) -> None:
        if len(self.labels) < 2 or len(set(self.labels)) < len(self.labels):
            raise ConfigError("labels", list(self.labels), "two or more, each once")

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of each of the weights."""
        model, gates = self.model, 3 * self.model.encoder_width
        return {
            EMBEDDING: (model.vocabulary_size, model.embedding_width),
            INPUT: (gates, model.embedding_width),
            RECURRENT: (gates, model.encoder_width),
            INPUT_BIAS: (gates,),
            RECURRENT_BIAS: (gates,),
            OUTPUT: (len(self.labels), model.encoder_width),
            OUTPUT_BIAS: (len(self.labels),),
        }


@dataclass(frozen=True)
class ClassifierArtifact:
    """A trained classifier with all that belongs to it. `provenance` is free JSON: data, licence, scores."""

    header: ClassifierHeader
    weights: Weights
    tokenizer: TextReader
    provenance: Mapping[str, Any] = field(default_factory=dict)


def save_classifier(folder: Path | str, artifact: ClassifierArtifact, *, card: str | None = None) -> None:
    """Write the folder, the weights rounded to `header.dtype`, in place of an earlier one of that name.

    Until the new folder is complete on the disk, the earlier one is whole. `card` is the text of its README.md (made
    here where absent). Raises ArtifactError where the folder can't be written, where one of that name holds anything
    else than a model, and where a weight is not finite in `header.dtype`.
    """
    folder, header = Path(folder), artifact.header
    check_replaceable(folder)
    with np.errstate(over="ignore"):
        rounded = {name: np.ascontiguousarray(weight, header.dtype) for name, weight in artifact.weights.items()}
    for name, weight in rounded.items():
        if not np.isfinite(weight).all():
            raise ArtifactError(f"the weights {name} are not finite numbers in {header.dtype}; nothing was written")
    described = {**header.to_mapping(), "provenance": dict(artifact.provenance)}
    card = card or classifier_card(folder.resolve().name, described, sum(weight.size for weight in rounded.values()))
    write_files(folder, described, safetensors.numpy.save(rounded), artifact.tokenizer.serialized, card)


def load_classifier(folder: Path | str) -> ClassifierArtifact:
    """Read a classifier's folder, also while `save_classifier` replaces it; the weights are as they are stored.

    Raises ArtifactError, which names the file and the way out.
    """
    return read_whole(Path(folder), _load)


def _load(folder: Path) -> ClassifierArtifact:
    files = read_files(folder)
    header, provenance = _read_header(folder / CONFIG, files.described())
    try:
        weights = safetensors.numpy.load(files.weights)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise ArtifactError(f"{folder / WEIGHTS} is not a safetensors file: {error}; copy it again") from None
    found = {name: (str(weight.dtype), weight.shape) for name, weight in weights.items()}
    expected = {name: (str(header.dtype), shape) for name, shape in header.shapes().items()}
    for name in sorted({*found, *expected}):
        if found.get(name) != expected.get(name):
            raise ArtifactError(
                f"{folder / WEIGHTS} does not hold the model of {CONFIG}: {name} is {found.get(name, 'absent')}, "
                f"expected {expected.get(name, 'absent')}; copy or save the folder again"
            )
    try:
        tokenizer = TextReader(files.tokenizer)
    except ArtifactError as error:
        raise ArtifactError(f"{folder / TOKENIZER}: {error}") from None
    if tokenizer.size != header.model.vocabulary_size:
        raise ArtifactError(
            f"{folder}: the tokenizer has {tokenizer.size} pieces, but the model's vocabulary_size is "
            f"{header.model.vocabulary_size}: they don't belong together"
        )
    return ClassifierArtifact(header, weights, tokenizer, provenance)


def _read_header(path: Path, described: dict[str, Any]) -> tuple[ClassifierHeader, dict[str, Any]]:
    if described.get("kind") != "classifier":
        raise ArtifactError(f"{path} does not describe a classifier; is {path.parent} a model that translates?")
    check_version(path, described.get("format_version"), FORMAT_VERSION)
    provenance = described.pop("provenance")
    try:
        return ClassifierHeader.from_mapping(described), provenance
    except ConfigError as error:
        raise ArtifactError(f"{path}: {error}") from None
