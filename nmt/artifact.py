"""The model folder: everything that is needed to translate, checked when it is written and when it is read.

    config.json        format version, model, directions, type of the stored numbers, provenance
    model.safetensors  the weights
    tokenizer.model    SentencePiece
    SHA256SUMS         of these three, as `sha256sum --check` reads them
    README.md          the model card, for people; loading doesn't need it

Nothing in it is ever unpickled.
"""

import hashlib
import json
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
from nmt.files import previous_name, read_whole, replace_folder
from nmt.model import Seq2Seq
from nmt.model_card import model_card
from nmt.options import Options, option
from nmt.tokenizer import SentencePieceTokenizer
from nmt.vocabulary import language_tag

FORMAT_VERSION = 1
CONFIG, WEIGHTS, TOKENIZER, SUMS, CARD = (
    "config.json",
    "model.safetensors",
    "tokenizer.model",
    "SHA256SUMS",
    "README.md",
)
SUMMED = (CONFIG, WEIGHTS, TOKENIZER)

Precision = Literal["float16", "float32"]
DTYPES: dict[Precision, torch.dtype] = {"float16": torch.float16, "float32": torch.float32}


@dataclass(frozen=True)
class Artifact:
    """A trained model with all that belongs to it. `provenance` is free JSON: data, licence, scores with signatures.

    Raises ArtifactError where the parts don't fit each other.
    """

    model: Seq2Seq
    directions: tuple[Direction, ...]
    tokenizer: SentencePieceTokenizer
    provenance: Mapping[str, Any] = field(default_factory=dict)

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
    _check_replaceable(folder)
    header = _Header(
        format_version=FORMAT_VERSION, model=artifact.config, directions=artifact.directions, dtype=dtype
    ).to_mapping()
    files = {
        CONFIG: _json({**header, "provenance": dict(artifact.provenance)}),
        WEIGHTS: safetensors.torch.save(_rounded(artifact.model, dtype)),
        TOKENIZER: artifact.tokenizer.serialized,
    }
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in SUMMED)
    if card is None:
        parameters = sum(parameter.numel() for parameter in artifact.model.parameters())
        card = model_card(folder.resolve().name, header, parameters, artifact.provenance)
    try:
        replace_folder(folder, {**files, SUMS: sums.encode(), CARD: card.encode()})
    except OSError as error:
        raise ArtifactError(
            f"can't write the model folder {folder}: {error.strerror or error}; what was there before is unchanged. "
            "Make room or choose another folder, and save again"
        ) from error


def load_artifact(folder: Path | str) -> Artifact:
    """Read a model folder, also while `save_artifact` replaces it; the parameters are float32.

    Raises ArtifactError, which names the file and the way out.
    """
    return read_whole(Path(folder), _load)


def _load(folder: Path) -> Artifact:
    _check_complete(folder)
    sums = _read_sums(folder)
    header, provenance = _read_config(folder / CONFIG, _verified(folder / CONFIG, sums))
    weights = _read_weights(folder / WEIGHTS, _verified(folder / WEIGHTS, sums))
    model = _build(header, weights, folder / WEIGHTS)
    tokenizer = _read_tokenizer(folder / TOKENIZER, _verified(folder / TOKENIZER, sums))
    try:
        return Artifact(model, header.directions, tokenizer, provenance)
    except ArtifactError as error:
        raise ArtifactError(f"{folder}: {error}") from None


def _check_replaceable(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ArtifactError(f"{folder} is a file; choose another name for the model folder")
    strangers = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    strangers = [name for name in strangers if name not in (*SUMMED, SUMS, CARD)]
    if strangers:
        raise ArtifactError(
            f"{folder} holds something else than a model ({', '.join(strangers[:3])}); it is left as it is: "
            "choose another folder"
        )


def _json(mapping: Mapping[str, Any]) -> bytes:
    try:
        return (json.dumps(mapping, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except (TypeError, ValueError) as error:
        raise ArtifactError(f"the provenance can't be written as JSON: {error}") from None


def _rounded(model: Seq2Seq, dtype: Precision) -> dict[str, Tensor]:
    rounded = {}
    for name, tensor in model.state_dict().items():
        rounded[name] = tensor.detach().to("cpu", DTYPES[dtype]).contiguous()
        if not bool(rounded[name].isfinite().all()):
            raise ArtifactError(f"the weights {name} are not finite numbers in {dtype}; nothing was written")
    return rounded


def _check_complete(folder: Path) -> None:
    if not folder.is_dir():
        previous = previous_name(folder.resolve())
        hint = f"; an earlier model is whole in {previous}: rename it" if previous.exists() else ""
        raise ArtifactError(f"there is no model folder {folder}; `nmt train` writes one{hint}")
    missing = [name for name in (*SUMMED, SUMS) if not (folder / name).is_file()]
    if missing:
        raise ArtifactError(
            f"the model folder {folder} is incomplete, it lacks {', '.join(missing)}; copy or save it again as a whole"
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"can't read {path}: {error.strerror}") from None


def _read_sums(folder: Path) -> dict[str, str]:
    lines = _read(folder / SUMS).decode("utf-8", errors="replace").splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    missing = [name for name in SUMMED if name not in sums]
    if missing:
        raise ArtifactError(f"{folder / SUMS} has no line for {', '.join(missing)}; copy or save the folder again")
    return sums


def _verified(path: Path, sums: Mapping[str, str]) -> bytes:
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != sums[path.name]:
        raise ArtifactError(
            f"{path} is cut short or altered: it differs from its sum in {SUMS}; copy or save the folder again. "
            f"If you changed it on purpose, run `sha256sum {' '.join(SUMMED)} > {SUMS}` there"
        )
    return content


def _read_config(path: Path, content: bytes) -> tuple[_Header, dict[str, Any]]:
    try:
        mapping = json.loads(content)
    except ValueError as error:
        raise ArtifactError(f"{path} is not JSON: {error}; copy or save the folder again") from None
    version = mapping.get("format_version") if isinstance(mapping, dict) else None
    if version != FORMAT_VERSION:
        raise ArtifactError(f"{path}: {_version_advice(version)}")
    provenance = mapping.pop("provenance", {})
    if not isinstance(provenance, dict):
        raise ArtifactError(f"{path}: provenance must be a table, got {provenance!r}")
    try:
        return _Header.from_mapping(mapping), provenance
    except ConfigError as error:
        raise ArtifactError(f"{path}: {error}") from None


def _version_advice(version: object) -> str:
    if isinstance(version, int) and version > FORMAT_VERSION:
        way_out = "it was saved by a newer release: upgrade this package"
    else:
        way_out = "save the model again with this release"
    return f"the format version is {version!r}, this release reads {FORMAT_VERSION}; {way_out}"


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
