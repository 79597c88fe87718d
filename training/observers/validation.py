"""Scoring now and then: the best model is kept, and training stops when it no longer gains."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from training.loop import Loop, StepReport
from training.validator import Score, Validator


class Validation:
    """Scores the averaged weights every `every` steps, keeps the best model, stops when it no longer improves.

    `best_bleu` and `without_gain` (validations since the best) belong to the checkpoint.
    """

    def __init__(
        self,
        validator: Validator,
        every: int,
        patience: int,
        save_best: Callable[[Score], None],
        listeners: list[Callable[[Loop, Score, bool], None]],
    ) -> None:
        self.validator, self.every, self.patience = validator, every, patience
        self.save_best, self.listeners = save_best, listeners
        self.best_bleu, self.without_gain, self.last_step = -1.0, 0, 0

    def after_step(self, loop: Loop, report: StepReport) -> None:
        if report.step % self.every == 0:
            self.validate(loop)
            if self.patience and self.without_gain >= self.patience:
                loop.stop(f"{self.patience} validations without a better BLEU than {self.best_bleu:.2f}")

    def after_run(self, loop: Loop) -> None:
        """A run that came to its end is scored at its end; one that was interrupted is not."""
        if loop.finished(loop.progress) and self.last_step != loop.progress.step:
            self.validate(loop)

    def validate(self, loop: Loop) -> None:
        weights: AbstractContextManager[None] = loop.average.in_place() if loop.average else nullcontext()
        with weights:
            score = self.validator.score()
            is_best = score.bleu > self.best_bleu
            if is_best:
                self.best_bleu, self.without_gain = score.bleu, 0
                self.save_best(score)
            else:
                self.without_gain += 1
        self.last_step = loop.progress.step
        for listener in self.listeners:
            listener(loop, score, is_best)

    def state(self) -> dict[str, Any]:
        return {"best_bleu": self.best_bleu, "without_gain": self.without_gain, "last_step": self.last_step}

    def restore(self, state: dict[str, Any]) -> None:
        self.best_bleu, self.without_gain = state["best_bleu"], state["without_gain"]
        self.last_step = state["last_step"]
