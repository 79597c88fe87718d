"""The loss of a softmax: the negative log-likelihood with label smoothing, over all types or over a sample of them."""

# P target tokens, V vocabulary, C types that the softmax is over

from typing import Any, NamedTuple

import torch
from torch import Tensor


class SampledTypes(NamedTuple):
    """Types of the vocabulary that stand for all, c for `counts_C[c]` of them. `targets_P` are places in `types_C`."""

    types_C: Tensor
    counts_C: Tensor
    targets_P: Tensor


def sample_types(targets_P: Tensor, vocabulary: int, others: int) -> SampledTypes:
    """The types of the targets, each for itself, and `others` of the rest (all, if they are fewer), each for as many as
    there are to one that is drawn.

    Any sum over the vocabulary is the mean of sum_c counts_c f(c), the normaliser of a softmax among them: importance
    sampling as in Jean et al. (2015), from the uniform distribution, the types of the batch being certain to be drawn.
    """
    is_target_V = torch.zeros(vocabulary, dtype=torch.bool, device=targets_P.device).scatter_(0, targets_P, True)
    own, rest = is_target_V.nonzero()[:, 0], (~is_target_V).nonzero()[:, 0]
    drawn = rest[torch.randperm(len(rest), device=rest.device)[:others]]
    types_C = torch.cat([own, drawn])
    counts_C = torch.ones(len(types_C), device=types_C.device)
    counts_C[len(own) :] = len(rest) / max(len(drawn), 1)
    place_V = torch.empty_like(is_target_V, dtype=torch.long)
    place_V[types_C] = torch.arange(len(types_C), device=types_C.device)
    return SampledTypes(types_C, counts_C, place_V[targets_P])


def smoothed_nll(
    logits_PC: Tensor, targets_P: Tensor, smoothing: float, counts_C: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Sums over P of the smoothed loss and of the plain one (nats).

    loss = (1 - e) (-log p(y)) + e mean_v(-log p(v))  (Szegedy et al., 2016). The gradient
    p - (1 - e) onehot(y) - e / V is made in the forward pass, in the place of p, so that the softmax is computed once.
    Type c stands for `counts_C` types, 1 for a target (None: each for itself), so that p(c) is the share of
    counts_c exp(logit_c), and its part of the mean is counts_c / V.
    """
    result: tuple[Tensor, Tensor] = _SmoothedNll.apply(logits_PC, targets_P, smoothing, counts_C)  # type: ignore[no-untyped-call]
    return result


class _SmoothedNll(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, logits_PC: Tensor, targets_P: Tensor, smoothing: float, counts_C: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        targets_P1 = targets_P[:, None]
        if counts_C is None:
            weighted_PC, uniform_C = logits_PC, logits_PC.new_full(logits_PC.shape[1:], 1 / logits_PC.shape[1])
        else:
            weighted_PC, uniform_C = logits_PC + counts_C.log(), counts_C / counts_C.sum()
        probabilities_PC = torch.softmax(weighted_PC, dim=1)
        normalizer_P = weighted_PC.amax(dim=1) - probabilities_PC.amax(dim=1).log()
        nll = (normalizer_P - logits_PC.gather(1, targets_P1)[:, 0]).sum()
        uniform = (normalizer_P - logits_PC @ uniform_C).sum()
        gradient_PC = probabilities_PC.sub_(smoothing * uniform_C)
        gradient_PC.scatter_add_(1, targets_P1, gradient_PC.new_full(targets_P1.shape, smoothing - 1))
        ctx.save_for_backward(gradient_PC)
        ctx.mark_non_differentiable(nll)
        return (1 - smoothing) * nll + smoothing * uniform, nll

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (gradient_PC,) = ctx.saved_tensors
        return gradient_PC * gradients[0], None, None, None
