"""The files of a model folder, whatever the model does: written as a whole, and checked when they are read.

    config.json        what the model is, in JSON
    model.safetensors  the weights
    tokenizer.model    SentencePiece
    words.bin          the words that it has learnt from, where it says so (`nmt.known_words`)
    SHA256SUMS         of all these, as `sha256sum --check` reads them
    README.md          the model card, for people; loading doesn't need it

Nothing in it is ever unpickled.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nmt.errors import ArtifactError
from nmt.files import previous_name, replace_folder

CONFIG, WEIGHTS, TOKENIZER, WORDS, SUMS, CARD = (
    "config.json",
    "model.safetensors",
    "tokenizer.model",
    "words.bin",
    "SHA256SUMS",
    "README.md",
)
NEEDED = (CONFIG, WEIGHTS, TOKENIZER)


@dataclass(frozen=True)
class ModelFiles:
    """What the files of `folder` hold, each as its sum says."""

    folder: Path
    config: bytes
    weights: bytes
    tokenizer: bytes
    words: bytes | None

    def described(self) -> dict[str, Any]:
        """`config.json`. Raises ArtifactError where it is no JSON object or its provenance is none."""
        path = self.folder / CONFIG
        try:
            mapping = json.loads(self.config)
        except ValueError as error:
            raise ArtifactError(f"{path} is not JSON: {error}; copy or save the folder again") from None
        if not isinstance(mapping, dict):
            raise ArtifactError(f"{path} is no table of keys; copy or save the folder again")
        provenance = mapping.setdefault("provenance", {})
        if not isinstance(provenance, dict):
            raise ArtifactError(f"{path}: provenance must be a table, got {provenance!r}")
        return mapping


def check_replaceable(folder: Path) -> None:
    """Raises ArtifactError where something else than a model has the folder's name."""
    if folder.exists() and not folder.is_dir():
        raise ArtifactError(f"{folder} is a file; choose another name for the model folder")
    strangers = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    strangers = [name for name in strangers if name not in (*NEEDED, WORDS, SUMS, CARD)]
    if strangers:
        raise ArtifactError(
            f"{folder} holds something else than a model ({', '.join(strangers[:3])}); it is left as it is: "
            "choose another folder"
        )


def write_files(
    folder: Path, described: Mapping[str, Any], weights: bytes, tokenizer: bytes, card: str, words: bytes | None = None
) -> None:
    """Write a model folder in place of an earlier one, which is whole until the new one is complete on the disk.

    Raises ArtifactError where `described` can't be JSON or the folder can't be written.
    """
    files = {CONFIG: _json(described), WEIGHTS: weights, TOKENIZER: tokenizer}
    if words is not None:
        files[WORDS] = words
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    try:
        replace_folder(folder, {**files, SUMS: sums.encode(), CARD: card.encode()})
    except OSError as error:
        raise ArtifactError(
            f"can't write the model folder {folder}: {error.strerror or error}; what was there before is unchanged. "
            "Make room or choose another folder, and save again"
        ) from error


def read_files(folder: Path) -> ModelFiles:
    """Raises ArtifactError where one is missing, can't be read, or differs from its sum."""
    _check_complete(folder)
    sums = _read_sums(folder)
    config, weights, tokenizer = (_verified(folder / name, sums) for name in NEEDED)
    words = _verified(folder / WORDS, sums) if WORDS in sums else None
    return ModelFiles(folder, config, weights, tokenizer, words)


def check_version(path: Path, found: object, read: int) -> None:
    """Raises ArtifactError, with the way out, where `config.json` is of another version than this release reads."""
    if found == read:
        return
    if isinstance(found, int) and found > read:
        way_out = "it was saved by a newer release: upgrade this package"
    else:
        way_out = "save the model again with this release"
    raise ArtifactError(f"{path}: the format version is {found!r}, this release reads {read}; {way_out}")


def _json(mapping: Mapping[str, Any]) -> bytes:
    try:
        return (json.dumps(mapping, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except (TypeError, ValueError) as error:
        raise ArtifactError(f"the provenance can't be written as JSON: {error}") from None


def _check_complete(folder: Path) -> None:
    if not folder.is_dir():
        previous = previous_name(folder.resolve())
        hint = f"; an earlier model is whole in {previous}: rename it" if previous.exists() else ""
        raise ArtifactError(f"there is no model folder {folder}; `nmt train` writes one{hint}")
    missing = [name for name in (*NEEDED, SUMS) if not (folder / name).is_file()]
    if missing and (folder / "best" / WEIGHTS).is_file():
        raise ArtifactError(f"{folder} is the folder of a training run; its model is {folder / 'best'}")
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
    missing = [name for name in NEEDED if name not in sums]
    if missing:
        raise ArtifactError(f"{folder / SUMS} has no line for {', '.join(missing)}; copy or save the folder again")
    return sums


def _verified(path: Path, sums: Mapping[str, str]) -> bytes:
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != sums[path.name]:
        raise ArtifactError(
            f"{path} is cut short or altered: it differs from its sum in {SUMS}; copy or save the folder again. "
            f"If you changed it on purpose, run `sha256sum {' '.join(sums)} > {SUMS}` there"
        )
    return content
