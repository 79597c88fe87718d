"""How training went, for scripts and for TensorBoard."""

import json
from pathlib import Path
from typing import Any

from nmt.errors import ConfigError
from training.loop import Loop, StepReport
from training.observers.totals import Totals
from training.validator import Score


class JsonLog:
    """One JSON object a line: means every `log_every` steps, and each validation."""

    def __init__(self, path: Path, log_every: int) -> None:
        self.path = path
        self.log_every, self.totals = log_every, Totals()

    def after_step(self, loop: Loop, report: StepReport) -> None:
        self.totals.add(report)
        if report.step % self.log_every == 0:
            rate = report.learning_rate
            tokens = loop.progress.target_tokens
            self.write(
                {"event": "train", "step": report.step, "target_tokens": tokens, "learning_rate": rate}
                | self.totals.read()
            )

    def after_validation(self, loop: Loop, score: Score, is_best: bool) -> None:
        self.write(
            {"event": "validation", "step": loop.progress.step, "target_tokens": loop.progress.target_tokens}
            | {"nll": score.nll, "bleu": score.bleu, "bleu_by_direction": score.bleu_by_direction, "best": is_best}
            | {"samples": [vars(sample) for sample in score.samples]}
        )

    def after_run(self, loop: Loop) -> None:
        self.write({"event": "stop", "step": loop.progress.step, "reason": loop.stop_reason})

    def write(self, record: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


class TensorBoardLog:
    """The same figures for TensorBoard, from the optional extra of that name."""

    def __init__(self, folder: Path, log_every: int) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise ConfigError(
                "output.tensorboard", True, "false, or the extra installed: pip install 'recurrent-nmt[tensorboard]'"
            ) from None
        self.writer = SummaryWriter(str(folder))
        self.log_every, self.totals = log_every, Totals()

    def after_step(self, loop: Loop, report: StepReport) -> None:
        self.totals.add(report)
        if report.step % self.log_every == 0:
            figures = self.totals.read() | {"learning_rate": report.learning_rate}
            for name, value in figures.items():
                self.writer.add_scalar(f"train/{name}", value, report.step)

    def after_validation(self, loop: Loop, score: Score, is_best: bool) -> None:
        for name, value in (("nll", score.nll), ("bleu", score.bleu)):
            self.writer.add_scalar(f"validation/{name}", value, loop.progress.step)

    def after_run(self, loop: Loop) -> None:
        self.writer.close()
