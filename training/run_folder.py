"""The folder of a run: what lies in it, and that it is no other's."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nmt.errors import ConfigError, TrainingError
from nmt.files import replace_file
from nmt.model_folder import WEIGHTS, check_replaceable
from nmt.options import Options
from training.lock import LOCK, locked
from training.preparation.manifest import MANIFEST
from training.report.page import REPORT
from training.report.record import CONFIG, LOG

CHECKPOINT, BEST, TOKENIZER, TENSORBOARD = "last.safetensors", "best", "tokenizer.model", "tensorboard"
LEFT_EARLY = {TOKENIZER, CONFIG, LOG, REPORT, TENSORBOARD}
"""What a run has before its first checkpoint; the tokenizer comes first."""

PARTS = LEFT_EARLY - {REPORT} | {CHECKPOINT, BEST, LOCK}
"""What of a run can't be made again from the rest."""


@dataclass(frozen=True)
class RunFolder:
    """`best` is a model folder to use and to serve, also while training goes on."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def checkpoint(self) -> Path:
        return self.path / CHECKPOINT

    @property
    def best(self) -> Path:
        return self.path / BEST

    @property
    def tokenizer(self) -> Path:
        return self.path / TOKENIZER

    @property
    def log(self) -> Path:
        return self.path / LOG

    @property
    def tensorboard(self) -> Path:
        return self.path / TENSORBOARD

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder, and keep other runs out of it for the `with` block.

        Raises TrainingError where another process holds it, ConfigError where a new run would write over what is not of
        a run that ended before its first checkpoint, ArtifactError where `best` holds something else than a model.
        """
        check_replaceable(self.best)
        if self.path.is_dir() and not self.checkpoint.exists():
            self._check_free()
        self.path.mkdir(parents=True, exist_ok=True)
        with locked(self.path):
            yield

    def _check_free(self) -> None:
        found = {path.name for path in self.path.iterdir()}
        in_the_way = found & {BEST, WEIGHTS, MANIFEST} or (found & LEFT_EARLY if TOKENIZER not in found else set())
        if in_the_way:
            allowed = f"a folder without {', '.join(sorted(in_the_way))}, or that of a run with its {CHECKPOINT}"
            raise ConfigError("output.folder", str(self.path), allowed)

    def check_no_part(self, path: Path) -> None:
        """Raises TrainingError where a file at `path` would be in place of one of the run's; its report is none."""
        own, place = self.path.resolve(), path.resolve()
        parts = place.relative_to(own).parts if place.is_relative_to(own) else ()
        if parts and parts[0] in PARTS:
            raise TrainingError(f"can't write {path}: {parts[0]} is part of the run in {self}; name another file")

    def write_config(self, config: Options) -> None:
        text = json.dumps(config.to_mapping(), indent=2, ensure_ascii=False)
        replace_file(self.path / CONFIG, f"{text}\n".encode())
