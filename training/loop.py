"""The training loop: fetch, forward, backward, clip, step, tell the observers."""

import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import torch
from torch import nn

from nmt.errors import NonFiniteLossError
from training.averaging import MovingAverage
from training.distributed import ALONE, World
from training.objective import DescribedBatch
from training.parallel import ParallelObjective
from training.precision import Precision


@dataclass
class Progress:
    """How far training is. Counts only, never time, so that an interrupted run goes on as it would have."""

    step: int = 0
    target_tokens: int = 0


@dataclass(frozen=True)
class StepReport:
    """One step of all processes. Losses in nats per target token, the gradient norm before clipping.

    `seconds` are with the fetching; `signal` is the number of one that a process has received, 0 where there is none.
    """

    step: int
    loss: float
    nll: float
    target_tokens: int
    gradient_norm: float
    learning_rate: float
    signal: int = 0
    seconds: float = 0.0


class Observer(Protocol):
    """Watches the loop: logs, validates, saves. May call `loop.stop(reason)`, in all processes alike.

    Observers are called in their order, at the end in the reverse of it.
    """

    def before_run(self, loop: "Loop") -> None: ...

    def after_step(self, loop: "Loop", report: StepReport) -> None: ...

    def after_run(self, loop: "Loop") -> None: ...


@dataclass
class Loop:
    """Minimises an objective over batches until a limit is reached or an observer stops it.

    A step is one update, from `accumulate` batches. All processes of the `world` take it together, each with its part
    of every batch (None where that is empty); the gradient is of the summed loss of all divided by the number of their
    target tokens, clipped to `clip_norm` (0: not). `learning_rate` maps progress to a rate, `finished` says when the
    planned length is reached; both count steps and tokens of all processes, and are asked before batches are fetched.
    """

    objective: nn.Module
    model: nn.Module
    optimizers: Sequence[torch.optim.Optimizer]  # each has parameters of its own
    batches: Iterable[DescribedBatch | None]  # endless; none is fetched before it is used
    learning_rate: Callable[[Progress], float]
    finished: Callable[[Progress], bool]
    clip_norm: float
    precision: Precision
    average: MovingAverage | None = None
    accumulate: int = 1
    world: World = ALONE
    received_signal: Callable[[], int] = lambda: 0
    observers: Sequence[Observer] = ()
    progress: Progress = field(default_factory=Progress)
    stop_reason: str | None = None

    def __post_init__(self) -> None:
        self.gradients = ParallelObjective(self.objective, self.world)

    def run(self) -> None:
        self.model.train()
        for observer in self.observers:
            observer.before_run(self)
        batches = iter(self.batches)
        while not self._stopped():
            began = time.monotonic()
            report = self.step(batches)
            report = replace(report, seconds=time.monotonic() - began)
            for observer in self.observers:
                observer.after_step(self, report)
        for observer in reversed(self.observers):
            observer.after_run(self)

    def _stopped(self) -> bool:
        if self.finished(self.progress):
            self.stop("the planned length is reached")
        return self.stop_reason is not None

    def stop(self, reason: str) -> None:
        """Stop before the next step; the first reason given is kept."""
        self.stop_reason = self.stop_reason or reason

    def step(self, batches: Iterator[DescribedBatch | None]) -> StepReport:
        """One update, from this process's parts of the next batches."""
        rate = self.learning_rate(self.progress)
        for optimizer in self.optimizers:
            optimizer.zero_grad()
            for group in optimizer.param_groups:
                group["lr"] = rate
        parts = list(itertools.islice(batches, self.accumulate))
        tokens, signal = self._agree(parts)
        own_total, own_nll = self.gradients.add_gradients(parts, tokens, self.precision)
        loss, nll = (self.world.table([own_total.item(), own_nll.item()]).sum(dim=0) / tokens).tolist()
        if not math.isfinite(loss):
            self._refuse("loss", loss, parts if not own_total.isfinite() else [])
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm or torch.inf).item()
        if not math.isfinite(norm):
            self._refuse("gradient norm", norm, parts)
        for optimizer in self.optimizers:
            optimizer.step()
        self.progress.step += 1
        self.progress.target_tokens += tokens
        if self.average is not None:
            self.average.update(self.progress.step)
        return StepReport(self.progress.step, loss, nll, tokens, norm, rate, signal)

    def _agree(self, parts: Sequence[DescribedBatch | None]) -> tuple[int, int]:
        """The target tokens of all parts of all processes, and the number of a signal that one of them received."""
        own = sum(part.target_tokens for part in parts if part is not None)
        counted = self.world.table([own, self.received_signal()])
        return int(counted[:, 0].sum()), int(counted[:, 1].max())

    def _refuse(self, name: str, value: float, parts: Sequence[DescribedBatch | None]) -> None:
        """Raises NonFiniteLossError in all processes, with the examples of all that have `parts` to blame."""
        own = "; ".join(part.describe() for part in parts if part is not None)
        examples = "; ".join(filter(None, self.world.texts(own)))
        clip = "or training.clip_norm" if self.clip_norm else "or clip the gradient with training.clip_norm"
        raise NonFiniteLossError(
            f"step {self.progress.step + 1}: the {name} is {value}, the weights were not touched. "
            f"The batch held the examples {examples}. "
            f"Lower training.learning_rate, {clip}, or set training.precision = 'float32'; "
            "then start again: training goes on from the last checkpoint"
        )
