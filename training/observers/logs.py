"""How training went, for scripts and for TensorBoard."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from nmt.errors import ConfigError, TrainingError
from nmt.files import replace_file
from training.loop import Progress
from training.observers.meter import Figures
from training.task import Score


class JsonLog:
    """One JSON object a line: figures of training, validations with their samples, why training stopped, and what had
    changed where it went on.

    A run that goes on first drops what a killed one logged behind its checkpoint; a new run starts a new file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def began(self, progress: Progress, changed: Sequence[str]) -> None:
        step = progress.step
        exists = step and self.path.exists()
        lines = self.path.read_text(encoding="utf-8", errors="replace").split("\n") if exists else []
        kept = [line for line in lines if _stands(line, step)]
        replace_file(self.path, "".join(line + "\n" for line in kept).encode())
        if step:
            self._write({"event": "resumed", "step": step, "changed": list(changed)})

    def trained(self, figures: Figures) -> None:
        norms = {part: float(f"{norm:.4g}") for part, norm in figures.gradient_norms.items()}
        self._write({"event": "train"} | asdict(figures) | {"gradient_norms": norms})

    def validated(self, progress: Progress, score: Score, is_best: bool) -> None:
        self._write({"event": "validation"} | asdict(progress) | asdict(score) | {"best": is_best})

    def stopped(self, progress: Progress, reason: str | None) -> None:
        self._write({"event": "stop"} | asdict(progress) | {"reason": reason})

    def _write(self, record: dict[str, Any]) -> None:
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        except OSError as error:
            raise TrainingError(
                f"can't write the log {self.path}: {error.strerror}; make room and run the same command again, "
                "it goes on from the last checkpoint"
            ) from None


class TensorBoardLog:
    """The same figures for TensorBoard, from the optional extra of that name."""

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise ConfigError(
                "output.tensorboard", True, "false, or the extra installed: pip install 'recurrent-nmt[tensorboard]'"
            ) from None
        self._make_writer: Callable[..., Any] = partial(SummaryWriter, str(folder.resolve()))

    def began(self, progress: Progress, changed: Sequence[str]) -> None:
        # Its thread writes when it likes; what a killed run has written behind this step is no longer shown.
        self._writer = self._make_writer(purge_step=progress.step + 1 if progress.step else None)

    def trained(self, figures: Figures) -> None:
        values = asdict(figures)
        norms = values.pop("gradient_norms")
        for name, value in (values | {f"gradient_norms/{part}": norm for part, norm in norms.items()}).items():
            self._writer.add_scalar(f"train/{name}", value, figures.step)

    def validated(self, progress: Progress, score: Score, is_best: bool) -> None:
        for name, value in score.figures().items():
            self._writer.add_scalar(f"validation/{name}", value, progress.step)

    def stopped(self, progress: Progress, reason: str | None) -> None:
        self._writer.close()


def _stands(line: str, step: int) -> bool:
    """Whether a line is about what was before `step` ended; a torn line is not, nor is another start from there."""
    try:
        found = json.loads(line)
        return bool(found["step"] < step or (found["step"] == step and found.get("event") != "resumed"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
