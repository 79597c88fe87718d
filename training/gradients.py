"""How large the gradient of each part of a model is."""

import re

import torch
from torch import Tensor, nn


def gradient_norms(model: nn.Module, norm: float) -> dict[str, float]:
    """Part -> the norm of its gradient, in the order of the model; the squares add up to the square of `norm`.

    `norm` is that of the whole gradient as it was found. Clipping scales all parts alike, so the gradients may have
    been clipped since. Parts are named by `part_of`; those without a gradient are left out.
    """
    parts: dict[str, list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            parts.setdefault(part_of(name), []).append(parameter.grad)
    if not parts:
        return {}
    found = torch.stack([nn.utils.get_total_norm(gradients) for gradients in parts.values()]).double()
    scaled = found * (norm / found.norm().clamp(min=torch.finfo(torch.float64).tiny))
    return dict(zip(parts, scaled.tolist(), strict=True))


def part_of(name: str) -> str:
    """The part of a model that a parameter belongs to: its module up to the first number, which is that of a layer.

    `encoder.layers.0.1.cell.weight_ih` is of `encoder.layers.0`, `decoder.attention.weight` of `decoder.attention`, and
    a parameter of the model itself is a part of its own.
    """
    module = name.rpartition(".")[0]
    layer = re.match(r".*?\.\d+(?=\.|$)", module)
    return layer.group() if layer else module or name
