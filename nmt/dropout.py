"""Noise for training; each does nothing when not training or when its rate is 0."""

# B sentences, S tokens, E width

import torch
import torch.nn.functional as F
from torch import Tensor


def drop_units(x: Tensor, rate: float, training: bool) -> Tensor:
    """Each unit is zeroed with probability `rate`, the rest scaled by 1 / (1 - rate)."""
    return x * keep_mask(x, rate) if training and rate > 0 else x


def drop_same_units(x_BSE: Tensor, rate: float, training: bool) -> Tensor:
    """One mask over the units for all tokens of a sentence (variational dropout, Gal and Ghahramani, 2016)."""
    if not training or rate == 0:
        return x_BSE
    return x_BSE * keep_mask(x_BSE[:, :1], rate)


def drop_words(x_BSE: Tensor, rate: float, training: bool, spared_BS: Tensor) -> Tensor:
    """Whole tokens are zeroed with probability `rate`, the rest scaled by 1 / (1 - rate); spared ones stay as is."""
    if not training or rate == 0:
        return x_BSE
    return x_BSE * keep_mask(x_BSE[..., :1], rate).masked_fill(spared_BS[..., None], 1.0)


def keep_mask(x: Tensor, rate: float) -> Tensor:
    """Like `x`: 0 with probability `rate`, else 1 / (1 - rate).

    On a CPU, `rate` is met to 2^-16: four 16-bit numbers of one 64-bit draw take a third of the time of four draws.
    """
    if x.device.type != "cpu":
        return F.dropout(torch.ones_like(x), rate)
    draws = torch.empty((x.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
    kept = draws.view(torch.int16)[: x.numel()].view(x.shape) >= round(rate * 2**16) - 2**15
    return kept.to(x.dtype).mul_(1 / (1 - rate))
