"""An objective whose gradients are those of all processes together."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from training.distributed import World
from training.objective import Loss
from training.precision import Precision

BUCKET_MB = 25.0
"""How much of the gradient is sent at a time, while the rest is still computed."""


class ParallelObjective:
    """`objective` on this process's part of a batch; the gradients of all parts are added up in the model.

    A part is None where this process has no examples of the batch. On a process of its own it is the objective alone.
    """

    def __init__(self, objective: nn.Module, world: World) -> None:
        self.world = world
        self.module = objective if world.size == 1 else _distributed(objective)

    def add_gradients(self, parts: Sequence[Any], tokens: int, precision: Precision) -> tuple[Tensor, Tensor]:
        """Add the gradients of (loss summed over all parts of all processes) / `tokens` to the model's parameters.

        Gives this process's sums of `Loss.total` and of `Loss.nll`. Gradients go between the processes once, with the
        last of `parts`.
        """
        sums = []
        for number, part in enumerate(parts, 1):
            with self._sending(number == len(parts)):
                with precision.autocast():
                    loss = self.module(part)
                # The mean over the processes is what reaches the model.
                (loss.total / (tokens / self.world.size)).backward()
            sums.append(torch.stack([loss.total.detach().double(), loss.nll.detach().double()]))
        total, nll = torch.stack(sums).sum(dim=0)
        return total, nll

    def _sending(self, wanted: bool) -> AbstractContextManager[None]:
        if wanted or not isinstance(self.module, DistributedDataParallel):
            return nullcontext()
        return self.module.no_sync()


class _MaybeEmpty(nn.Module):
    """The objective, and for a part without examples a loss of zero that all parameters take part in."""

    def __init__(self, objective: nn.Module) -> None:
        super().__init__()
        self.objective = objective

    def forward(self, part: Any | None) -> Loss:
        if part is not None:
            loss: Loss = self.objective(part)
            return loss
        zero = 0 * torch.stack([p.sum() for p in self.parameters() if p.requires_grad]).sum()
        return Loss(zero, zero.detach(), 0)


def _distributed(objective: nn.Module) -> DistributedDataParallel:
    """Starts from the main process's weights.

    Which gradients are sent together is settled by a first backward pass; the one made here is the same in every run.
    So a run that goes on adds up in the same order as one that never stopped.
    """
    shared = DistributedDataParallel(_MaybeEmpty(objective), bucket_cap_mb=BUCKET_MB, gradient_as_bucket_view=True)
    shared(None).total.backward()
    objective.zero_grad()
    return shared
