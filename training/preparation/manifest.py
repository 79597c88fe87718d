"""What a prepared folder holds and what it was made from: its file `manifest.json`."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nmt.errors import DataError
from nmt.files import replace_file
from nmt.lines import check_not_pipe
from training.config import TrainingConfig
from training.corpus_files import SYNTHETIC, WEIGHT
from training.vocabulary import language_pairs, make_tokenizer

VERSION = 1
MANIFEST, TOKENIZER, REPORT = "manifest.json", "tokenizer.model", "report.md"


@dataclass(frozen=True)
class FileStamp:
    """What a file was when it was read. `name` is as the configuration has it, below `data.folder`."""

    name: str
    size: int
    modified_ns: int
    sha256: str

    @classmethod
    def of(cls, folder: Path, name: str) -> "FileStamp":
        """Raises DataError where the file can't be read, or only once."""
        path = folder / name
        check_not_pipe(path)
        try:
            found = path.stat()
            return cls(name, found.st_size, found.st_mtime_ns, _sha256(path))
        except OSError as error:
            raise DataError(f"can't read {path}: {error.strerror} (given in [data])") from None

    def has_changed(self, folder: Path) -> bool:
        """Whether another content is there now. A file that is no longer there has not changed."""
        path = folder / self.name
        try:
            found = path.stat()
            if found.st_size == self.size and found.st_mtime_ns == self.modified_ns:
                return False
            return found.st_size != self.size or _sha256(path) != self.sha256
        except FileNotFoundError:
            return False
        except OSError as error:
            raise DataError(f"can't read {path}: {error.strerror}") from None


@dataclass(frozen=True)
class Sample:
    """A pair that was left out; its texts may be cut short."""

    line: int
    first: str
    second: str


@dataclass
class Part:
    """The pairs of one corpus in two languages: shards and counts by rule of the first `lines` of `total` lines."""

    corpus: int
    languages: tuple[str, str]
    total: int
    lines: int = 0
    is_complete: bool = False
    shards: list[dict[str, Any]] = field(default_factory=list)  # name, pairs, checksum
    left_out: dict[str, int] = field(default_factory=dict)
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        return sum(shard["pairs"] for shard in self.shards)

    @property
    def invalid_share(self) -> float:
        """Of the lines that were read, those left out by the rule of that name."""
        return self.left_out.get("invalid_characters", 0) / max(self.lines, 1)

    @property
    def key(self) -> str:
        return f"data.train[{self.corpus}] {'-'.join(self.languages)}"

    @classmethod
    def from_mapping(cls, mapping: dict[str, Any]) -> "Part":
        samples = {rule: [Sample(**sample) for sample in found] for rule, found in mapping["samples"].items()}
        return cls(**{**mapping, "languages": tuple(mapping["languages"]), "samples": samples})


@dataclass
class Manifest:
    """`recipe` is what of the configuration the content depends on; `tokenizer` is a SHA-256. `held_out` are the files
    whose pairs were left out."""

    recipe: dict[str, Any]
    files: list[FileStamp]
    tokenizer: str
    parts: list[Part]
    held_out: list[FileStamp] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return all(part.is_complete for part in self.parts)

    def write(self, folder: Path) -> None:
        content = {"version": VERSION, "complete": self.is_complete, **asdict(self)}
        replace_file(folder / MANIFEST, f"{json.dumps(content, indent=1, ensure_ascii=False)}\n".encode())

    def changes(self, config: TrainingConfig) -> Iterator[str]:
        """What of the configuration and of its files is no longer as it was, in a few words each."""
        now = recipe_of(config)
        for key, value in self.recipe.items():
            if now.get(key) != value:
                was, given = (json.dumps(found, ensure_ascii=False) for found in (value, now.get(key)))
                yield f"{key} was {was}, now it is {given}"
        for stamp in self.files:
            if stamp.has_changed(config.data.root):
                yield f"the file {config.data.root / stamp.name} has changed"
        prepared = {(part.corpus, part.languages) for part in self.parts}
        for index, corpus in enumerate(config.data.corpora):
            for languages in language_pairs(config.data, corpus):
                if (index, languages) not in prepared:
                    yield f"data.train[{index}] was not prepared in {' and '.join(languages)}"
        if config.training.start_from is not None and _vocabulary_sum(config) != self.tokenizer:
            yield "the model of training.start_from has another vocabulary"

    def leaves_out(self, config: TrainingConfig) -> bool:
        """Whether it leaves out the pairs that are held out now, where it should."""
        if not config.cleaning.held_out:
            return True
        is_same = {stamp.name for stamp in self.held_out} == set(config.data.held_out.names.values())
        return is_same and not any(stamp.has_changed(config.data.root) for stamp in self.held_out)


def read_manifest(folder: Path) -> Manifest | None:
    """None where there is none. Raises DataError for one that is damaged, of another version, or of something else."""
    path = folder / MANIFEST
    try:
        found = _record(path)
        if found["version"] != VERSION:
            raise DataError(f"{path} has version {found['version']}, this release reads {VERSION}; delete the folder")
        files = [FileStamp(**stamp) for stamp in found["files"]]
        held_out = [FileStamp(**stamp) for stamp in found.get("held_out", [])]
        parts = list(map(Part.from_mapping, found["parts"]))
        return Manifest(found["recipe"], files, found["tokenizer"], parts, held_out)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"can't read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is damaged ({type(error).__name__}); delete the folder to prepare it anew") from None


def _record(path: Path) -> dict[str, Any]:
    """Raises DataError where the file is something else than a manifest."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found.keys() >= {"version", "recipe", "tokenizer", "parts"}:
        allowed = "a new folder, an empty one, or one that it has written"
        raise DataError(f"{path} is not of `nmt prepare`: expected {allowed} as data.prepared")
    return found


def recipe_of(config: TrainingConfig) -> dict[str, Any]:
    """What of the configuration a prepared folder depends on, by its keys."""
    plain = config.to_mapping()
    data = plain["data"]
    of_no_effect = (SYNTHETIC, WEIGHT)
    entries = [{name: value for name, value in entry.items() if name not in of_no_effect} for entry in data["train"]]
    pairs = sorted({"-".join(sorted(pair)) for pair in config.data.language_pairs})
    recipe = {
        "data.train": entries,
        "data.directions, as pairs": pairs,
        "data.max_length": data["max_length"],
        "data.tokenizer": data["tokenizer"],
        "model.vocabulary_size": plain["model"]["vocabulary_size"],
    }
    return recipe | {f"cleaning.{key}": value for key, value in plain["cleaning"].items()}


def stamps_of(config: TrainingConfig) -> list[FileStamp]:
    """All files that the configuration learns from. Raises DataError for one that can't be read."""
    data = config.data
    names = list(dict.fromkeys(name for corpus in data.corpora for name in corpus.names.values()))
    return [FileStamp.of(data.root, name) for name in [*names, *([data.tokenizer] if data.tokenizer else [])]]


def held_out_stamps_of(config: TrainingConfig) -> list[FileStamp]:
    """The files whose pairs are not to be learnt from. Raises DataError for one that can't be read."""
    names = config.data.held_out.names.values() if config.cleaning.held_out else ()
    return [FileStamp.of(config.data.root, name) for name in names]


def _vocabulary_sum(config: TrainingConfig) -> str:
    return hashlib.sha256(make_tokenizer(config).serialized).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
