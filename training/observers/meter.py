"""Figures of training: means over the last steps, for every log that wants them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from training.gradients import gradient_norms
from training.loop import Loop, Progress, StepReport
from training.task import Score


@dataclass(frozen=True)
class Figures:
    """Means since the figures before: `loss` and `nll` in nats per target token, perplexity = exp(nll).

    `gradient_norms` are those of the parts of the model, of this one step.
    """

    step: int
    target_tokens: int
    loss: float
    nll: float
    perplexity: float
    gradient_norm: float
    learning_rate: float
    tokens_per_s: float
    gradient_norms: dict[str, float]


class Log(Protocol):
    """Where figures go."""

    def began(self, progress: Progress, changed: Sequence[str]) -> None:
        """The run begins, or goes on after `progress` with what has `changed` since."""
        ...

    def trained(self, figures: Figures) -> None: ...

    def validated(self, progress: Progress, score: Score, is_best: bool) -> None: ...

    def stopped(self, progress: Progress, reason: str | None) -> None: ...


class Meter:
    """Adds up steps and hands figures to the logs every `log_every` of them.

    What is added up belongs to the checkpoint, except for time.
    """

    def __init__(self, logs: Sequence[Log], log_every: int) -> None:
        self.logs, self.log_every = logs, log_every
        self._reset()

    def before_run(self, loop: Loop) -> None:
        pass

    def after_step(self, loop: Loop, report: StepReport) -> None:
        self.loss += report.loss * report.target_tokens
        self.nll += report.nll * report.target_tokens
        self.norm += report.gradient_norm
        self.tokens += report.target_tokens
        self.steps += 1
        self.timed_tokens += report.target_tokens
        self.seconds += report.seconds
        if report.step % self.log_every == 0:
            norms = gradient_norms(loop.model, report.gradient_norm)
            figures = self._figures(loop.progress, report.learning_rate, norms)
            self._reset()
            for log in self.logs:
                log.trained(figures)

    def after_run(self, loop: Loop) -> None:
        for log in self.logs:
            log.stopped(loop.progress, loop.stop_reason)

    def state(self) -> dict[str, float]:
        return {"loss": self.loss, "nll": self.nll, "norm": self.norm, "tokens": self.tokens, "steps": self.steps}

    def restore(self, state: dict[str, float]) -> None:
        self.loss, self.nll, self.norm = state["loss"], state["nll"], state["norm"]
        self.tokens, self.steps = int(state["tokens"]), int(state["steps"])

    def _reset(self) -> None:
        self.loss = self.nll = self.norm = self.seconds = 0.0
        self.tokens = self.steps = self.timed_tokens = 0

    def _figures(self, progress: Progress, learning_rate: float, norms: dict[str, float]) -> Figures:
        nll = self.nll / self.tokens
        return Figures(
            step=progress.step,
            target_tokens=progress.target_tokens,
            loss=self.loss / self.tokens,
            nll=nll,
            perplexity=math.exp(min(nll, 100.0)),
            gradient_norm=self.norm / self.steps,
            learning_rate=learning_rate,
            tokens_per_s=self.timed_tokens / max(self.seconds, 1e-9),
            gradient_norms=norms,
        )
