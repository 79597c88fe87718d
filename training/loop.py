"""The training loop: fetch, forward, backward, clip, step, tell the observers."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import torch
from torch import nn

from nmt.errors import NonFiniteLossError
from training.averaging import MovingAverage
from training.objective import DescribedBatch, Objective
from training.precision import Precision


@dataclass
class Progress:
    """How far training is. Counts only, never time, so that an interrupted run goes on as it would have."""

    step: int = 0
    target_tokens: int = 0


@dataclass(frozen=True)
class StepReport:
    """One step. Losses in nats per target token, the gradient norm before clipping, `seconds` with the fetching."""

    step: int
    loss: float
    nll: float
    target_tokens: int
    gradient_norm: float
    learning_rate: float
    seconds: float = 0.0


class Observer(Protocol):
    """Watches the loop: logs, validates, saves. May call `loop.stop(reason)`."""

    def before_run(self, loop: "Loop") -> None: ...

    def after_step(self, loop: "Loop", report: StepReport) -> None: ...

    def after_run(self, loop: "Loop") -> None: ...


@dataclass
class Loop:
    """Minimises an objective over batches until a limit is reached or an observer stops it.

    `learning_rate` maps progress to a rate, `finished` says when the planned length is reached; both count steps and
    tokens. The gradient is of the summed loss divided by the number of target tokens, clipped to `clip_norm` (0: not).
    """

    objective: Objective[Any]
    model: nn.Module
    optimizer: torch.optim.Optimizer
    batches: Iterable[DescribedBatch]  # endless; none is fetched before it is used
    learning_rate: Callable[[Progress], float]
    finished: Callable[[Progress], bool]
    clip_norm: float
    precision: Precision
    average: MovingAverage | None = None
    observers: Sequence[Observer] = ()
    progress: Progress = field(default_factory=Progress)
    stop_reason: str | None = None

    def run(self) -> None:
        self.model.train()
        for observer in self.observers:
            observer.before_run(self)
        batches = iter(self.batches)
        while not self._stopped():
            began = time.monotonic()
            report = replace(self.step(next(batches)), seconds=time.monotonic() - began)
            for observer in self.observers:
                observer.after_step(self, report)
        for observer in self.observers:
            observer.after_run(self)

    def _stopped(self) -> bool:
        if self.finished(self.progress):
            self.stop("the planned length is reached")
        return self.stop_reason is not None

    def stop(self, reason: str) -> None:
        """Stop before the next step; the first reason given is kept."""
        self.stop_reason = self.stop_reason or reason

    def step(self, batch: DescribedBatch) -> StepReport:
        rate = self.learning_rate(self.progress)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        with self.precision.autocast():
            loss = self.objective(batch)
        mean = loss.total / loss.tokens
        self._check(mean, "loss", batch)
        mean.backward()  # type: ignore[no-untyped-call]
        limit = self.clip_norm or torch.inf
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), limit)
        self._check(norm, "gradient norm", batch)
        self.optimizer.step()
        self.progress.step += 1
        self.progress.target_tokens += loss.tokens
        if self.average is not None:
            self.average.update(self.progress.step)
        nll = loss.nll.item() / loss.tokens
        return StepReport(self.progress.step, mean.item(), nll, loss.tokens, norm.item(), rate)

    def _check(self, value: torch.Tensor, name: str, batch: DescribedBatch) -> None:
        if not torch.isfinite(value):
            raise NonFiniteLossError(
                f"step {self.progress.step + 1}: the {name} is {value.item()}, the weights were not touched. "
                f"The batch held the examples {batch.describe()}. "
                "Lower training.learning_rate or training.clip_norm, or set training.precision = 'float32'; "
                "then start again: training goes on from the last checkpoint"
            )
