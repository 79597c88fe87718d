"""Matrix products that one weight takes part in many times, once a step."""

# P rows, I input width, O output width

from typing import Any

import torch
from torch import Tensor


class Product:
    """x -> x W'. A weight [O, I] multiplies rows [P, I]; a weight [B, O, I] multiplies batches of rows [B, P, I]."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight

    def __call__(self, x: Tensor) -> Tensor:
        return x @ self.weight.mT


class RepeatedProduct(Product):
    """The same product, made for use at every step of an unroll: its weight gradient is one product over all steps.

    dL/dW = sum_t g_t' x_t = [g_1; ..; g_T]' [x_1; ..; x_T], so each step's backward only computes dL/dx_t, and keeps
    g_t; the sum is taken once, when the last of them is known.
    """

    def __init__(self, weight: Tensor) -> None:
        super().__init__(weight)
        device = weight.device.type
        compute = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else weight.dtype
        self._uses = _Uses(weight.detach().to(compute))
        self._anchor: Tensor = _Anchor.apply(weight, self._uses)  # type: ignore[no-untyped-call]

    def __call__(self, x: Tensor) -> Tensor:
        used: Tensor = _Use.apply(x, self._anchor, self._uses)  # type: ignore[no-untyped-call]
        return used


class _Uses:
    """What the steps leave for the weight's gradient: inputs in order of use, output gradients by that order."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight
        self.inputs: list[Tensor] = []
        self.gradients: list[Tensor | None] = []

    def weight_gradient(self) -> Tensor | None:
        pairs = [(x, g) for x, g in zip(self.inputs, self.gradients, strict=True) if g is not None]
        self.gradients = [None] * len(self.inputs)
        if not pairs:
            return None
        inputs = torch.cat([x for x, _ in pairs], dim=-2)
        return torch.cat([g for _, g in pairs], dim=-2).mT @ inputs


class _Anchor(torch.autograd.Function):
    """Stands before all uses in the graph, so that its backward runs after theirs."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, uses: _Uses) -> Tensor:
        ctx.uses, ctx.dtype = uses, weight.dtype
        return weight.new_empty(0)

    @staticmethod
    def backward(ctx: Any, *_: Tensor) -> tuple[Tensor | None, None]:
        gradient = ctx.uses.weight_gradient()
        return None if gradient is None else gradient.to(ctx.dtype), None


class _Use(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, anchor: Tensor, uses: _Uses) -> Tensor:
        ctx.uses, ctx.index, ctx.dtype = uses, len(uses.inputs), x.dtype
        uses.inputs.append(x.detach().to(uses.weight.dtype))
        uses.gradients.append(None)
        return uses.inputs[-1] @ uses.weight.mT

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        gradient = gradients[0].to(ctx.uses.weight.dtype)
        ctx.uses.gradients[ctx.index] = gradient
        return (gradient @ ctx.uses.weight).to(ctx.dtype), None, None
