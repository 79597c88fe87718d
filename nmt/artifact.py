"""The folder of a model that translates (its files are those of `nmt.model_folder`): saved, loaded, checked.

`config.json` holds the format version, the model's shape, directions, the type of the stored numbers, provenance.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from nmt.config import ModelConfig
from nmt.direction import Direction
from nmt.errors import ArtifactError, ConfigError
from nmt.files import read_whole
from nmt.known_words import KnownWords
from nmt.model import Seq2Seq
from nmt.model_card import model_card
from nmt.model_folder import (
    CONFIG,
    TOKENIZER,
    WEIGHTS,
    WORDS,
    check_replaceable,
    check_version,
    read_files,
    write_files,
)
from nmt.options import Options, option
from nmt.tokenizer import SentencePieceTokenizer
from nmt.vocabulary import language_tag

FORMAT_VERSION = 1

Precision = Literal["float16", "float32"]
DTYPES: dict[Precision, torch.dtype] = {"float16": torch.float16, "float32": torch.float32}


@dataclass(frozen=True)
class Artifact:
    """A trained model with all that belongs to it. `provenance` is free JSON: data, licence, scores with signatures.
    `known_words` are those that it has learnt from, None where nobody knows.

    Raises ArtifactError where the parts don't fit each other.
    """

    model: Seq2Seq
    directions: tuple[Direction, ...]
    tokenizer: SentencePieceTokenizer
    provenance: Mapping[str, Any] = field(default_factory=dict)
    known_words: KnownWords | None = None

    def __post_init__(self) -> None:
        if self.tokenizer.size != self.config.vocabulary_size:
            raise ArtifactError(
                f"the tokenizer has {self.tokenizer.size} pieces, but the model's vocabulary_size is "
                f"{self.config.vocabulary_size}: they don't belong together"
            )
        if not self.directions or len(set(self.directions)) < len(self.directions):
            raise ArtifactError(f"directions must be one or more, each once, got {list(map(str, self.directions))}")
        targets = {direction.target for direction in self.directions}
        untagged = [target for target in sorted(targets) if self.tokenizer.id_of(language_tag(target)) is None]
        if len(targets) > 1 and untagged:
            raise ArtifactError(
                f"a model of several target languages needs a tag for each of them, and the tokenizer has no "
                f"{', '.join(map(language_tag, untagged))}"
            )

    @property
    def config(self) -> ModelConfig:
        return self.model.config


@dataclass(frozen=True, kw_only=True)
class _Header(Options):
    """The part of `config.json` that has fixed keys."""

    format_version: int = option(help="version of the folder's format")
    model: ModelConfig = option(help="shape of the model")
    directions: tuple[Direction, ...] = option(help="directions that the model serves")
    dtype: Precision = option(help="type of the stored numbers")


def save_artifact(
    folder: Path | str, artifact: Artifact, *, dtype: Precision = "float32", card: str | None = None
) -> None:
    """Write the model folder, the weights rounded to `dtype`, in place of an earlier one of that name.

    Until the new folder is complete on the disk, the earlier one is whole. `card` is the text of its README.md (made
    from `artifact` where absent). Raises ArtifactError where the folder can't be written, where one of that name holds
    anything else than a model, and where a weight is not finite or does not fit `dtype`.
    """
    folder = Path(folder)
    check_replaceable(folder)
    header = _Header(
        format_version=FORMAT_VERSION, model=artifact.config, directions=artifact.directions, dtype=dtype
    ).to_mapping()
    weights = safetensors.torch.save(_rounded(artifact.model, dtype))
    if card is None:
        parameters = sum(parameter.numel() for parameter in artifact.model.parameters())
        card = model_card(folder.resolve().name, header, parameters, artifact.provenance)
    described = {**header, "provenance": dict(artifact.provenance)}
    words = None if artifact.known_words is None else artifact.known_words.serialized
    write_files(folder, described, weights, artifact.tokenizer.serialized, card, words)


def load_artifact(folder: Path | str) -> Artifact:
    """Read a model folder, also while `save_artifact` replaces it; the parameters are float32.

    Raises ArtifactError, which names the file and the way out.
    """
    return read_whole(Path(folder), _load)


def _load(folder: Path) -> Artifact:
    files = read_files(folder)
    described = files.described()
    if described.get("kind") == "classifier":
        raise ArtifactError(f"{folder} holds a classifier of texts, for `nmt detect --model`; it doesn't translate")
    check_version(folder / CONFIG, described.get("format_version"), FORMAT_VERSION)
    provenance = described.pop("provenance")
    try:
        header = _Header.from_mapping(described)
    except ConfigError as error:
        raise ArtifactError(f"{folder / CONFIG}: {error}") from None
    model = _build(header, _read_weights(folder / WEIGHTS, files.weights), folder / WEIGHTS)
    tokenizer = _read_tokenizer(folder / TOKENIZER, files.tokenizer)
    known_words = None if files.words is None else _read_words(folder / WORDS, files.words)
    try:
        return Artifact(model, header.directions, tokenizer, provenance, known_words)
    except ArtifactError as error:
        raise ArtifactError(f"{folder}: {error}") from None


def _rounded(model: Seq2Seq, dtype: Precision) -> dict[str, Tensor]:
    rounded = {}
    for name, tensor in model.state_dict().items():
        rounded[name] = tensor.detach().to("cpu", DTYPES[dtype]).contiguous()
        if not bool(rounded[name].isfinite().all()):
            raise ArtifactError(f"the weights {name} are not finite numbers in {dtype}; nothing was written")
    return rounded


def _read_weights(path: Path, content: bytes) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load(content)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise ArtifactError(f"{path} is not a safetensors file: {error}; copy or save the folder again") from None


def _read_tokenizer(path: Path, content: bytes) -> SentencePieceTokenizer:
    try:
        return SentencePieceTokenizer(content)
    except ArtifactError as error:
        raise ArtifactError(f"{path}: {error}") from None


def _read_words(path: Path, content: bytes) -> KnownWords:
    try:
        return KnownWords(content)
    except ArtifactError as error:
        raise ArtifactError(f"{path}: {error}; copy or save the folder again") from None


def _build(header: _Header, weights: Mapping[str, Tensor], path: Path) -> Seq2Seq:
    with torch.device("meta"):
        model = Seq2Seq(header.model)
    expected = {name: (header.dtype, list(tensor.shape)) for name, tensor in model.state_dict().items()}
    found = {name: (str(tensor.dtype).removeprefix("torch."), list(tensor.shape)) for name, tensor in weights.items()}
    for name in sorted({*expected, *found}):
        if found.get(name) != expected.get(name):
            raise ArtifactError(
                f"{path} does not hold the model of {CONFIG}: {name} is {_tensor(found.get(name))}, "
                f"expected {_tensor(expected.get(name))}; copy or save the folder again"
            )
    model.load_state_dict({name: tensor.to(torch.float32) for name, tensor in weights.items()}, assign=True)
    return model.eval()


def _tensor(described: tuple[str, list[int]] | None) -> str:
    return "absent" if described is None else f"{described[0]} {described[1]}"
