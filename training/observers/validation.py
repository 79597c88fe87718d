"""Scoring now and then: the best model is kept, and training stops when it no longer gains."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from training.loop import Loop, Progress, StepReport
from training.observers.meter import Log
from training.task import Score, Validator

NONE_YET = -1.0
"""What earlier versions wrote where there was no best score yet."""

FIRST_MEASURES = ("BLEU", "accuracy")
"""What earlier versions went by, which did not write what was measured."""


class Validation:
    """Scores the averaged weights every `every` steps, keeps the best model, stops when it no longer improves.

    `best` (None before the first), `without_gain` (validations since the best) and `last_step` (of the last validation)
    belong to the checkpoint, where the best score of any task is called `best_bleu`: a run that goes on first makes up
    for a validation that it was stopped in. Where the validator measures otherwise now, the best is found anew.
    """

    def __init__(
        self,
        validator: Validator,
        every: int,
        patience: int,
        save_best: Callable[[Score, Progress], None],
        logs: Sequence[Log],
    ) -> None:
        self.validator, self.every, self.patience = validator, every, patience
        self.save_best, self.logs = save_best, logs
        self.best: float | None = None
        self.forget()

    def before_run(self, loop: Loop) -> None:
        self._validate_if_due(loop)
        self._stop_if_exhausted(loop)

    def after_step(self, loop: Loop, report: StepReport) -> None:
        self._validate_if_due(loop)
        self._stop_if_exhausted(loop)

    def after_run(self, loop: Loop) -> None:
        """A run that came to its end is scored at its end; one that was interrupted is not."""
        if loop.finished(loop.progress) and self.last_step != loop.progress.step:
            self._validate(loop)

    def state(self) -> dict[str, Any]:
        return {
            "best_bleu": self.best, "without_gain": self.without_gain, "last_step": self.last_step,
            "measured": self.validator.fingerprint(),
        }  # fmt: skip

    def measures_otherwise(self, state: dict[str, Any]) -> bool:
        """Whether the scores of this state say nothing beside those to come: of other text, or found otherwise."""
        if "measured" not in state:
            return self.validator.measure not in FIRST_MEASURES
        return bool(state["measured"] != self.validator.fingerprint())

    def restore(self, state: dict[str, Any]) -> None:
        if not self.measures_otherwise(state):
            self.last_step = state["last_step"]
            self.best = None if state["best_bleu"] == NONE_YET else state["best_bleu"]
            self.without_gain = state["without_gain"]

    def forget(self) -> None:
        """Be as before the first validation."""
        self.best = None
        self.without_gain = self.last_step = 0

    def best_of_all(self) -> str:
        """The best score in words, such as "BLEU 31.00"."""
        return f"{self.validator.measure} {abs(self.best or 0.0):.2f}"

    def _validate_if_due(self, loop: Loop) -> None:
        step = loop.progress.step
        if step and step % self.every == 0 and self.last_step != step:
            self._validate(loop)

    def _stop_if_exhausted(self, loop: Loop) -> None:
        if self.patience and self.without_gain >= self.patience:
            loop.stop(f"{self.patience} validations without a better one than {self.best_of_all()}")

    def _validate(self, loop: Loop) -> None:
        weights: AbstractContextManager[None] = loop.average.in_place() if loop.average else nullcontext()
        with weights:
            score = self.validator.score()
            is_best = self.best is None or score.value > self.best
            if is_best:
                self.save_best(score, loop.progress)
        self.best = score.value if is_best else self.best
        self.without_gain = 0 if is_best else self.without_gain + 1
        self.last_step = loop.progress.step
        for log in self.logs:
            log.validated(loop.progress, score, is_best)
