"""What training minimises: a module that gives, for one batch, summed losses and the number of tokens they are over."""

# B sentences, T target tokens, P real target tokens of a batch, V vocabulary

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from nmt.model import Seq2Seq
from training.alignment import UNLINKED
from training.batch import TrainingBatch

SEEN = 1e-6


class Loss(NamedTuple):
    """Sums over `tokens` target tokens: `total` is differentiated, `nll` (nats, detached) is what perplexity is of."""

    total: Tensor
    nll: Tensor
    tokens: int


class DescribedBatch(Protocol):
    """All that the loop knows of a batch: the target tokens that its loss is over, and which examples it holds, for the
    message where something is wrong."""

    @property
    def target_tokens(self) -> int: ...

    @property
    def describe(self) -> Callable[[], str]: ...


class TranslationObjective(nn.Module):
    """Negative log-likelihood of the target under teacher forcing, with label smoothing, over real tokens only.

    With `r_drop` = a > 0, training reads each batch twice, under different dropout, and draws the two predictions p, q
    together: (nll_p + nll_q) / 2 + a / 4 (KL(p || q) + KL(q || p)), half the loss of Liang et al. (2021, "R-Drop").

    With `guided_alignment` = g > 0, training adds g times the negative logarithm of the attention on the source token
    that each target token is linked to, where the batch has links (Chen et al., 2016).
    """

    def __init__(
        self, model: Seq2Seq, label_smoothing: float = 0.0, r_drop: float = 0.0, guided_alignment: float = 0.0
    ) -> None:
        super().__init__()
        self.model, self.label_smoothing = model, label_smoothing
        self.r_drop, self.guided_alignment = r_drop, guided_alignment

    def forward(self, batch: TrainingBatch) -> Loss:
        if not (self.training and self.r_drop):
            return self._loss(batch)[0]
        loss, logits_PV = self._loss(batch.twice())
        first_PV, second_PV = logits_PV.log_softmax(dim=1).chunk(2)
        divergence = ((first_PV.exp() - second_PV.exp()) * (first_PV - second_PV)).sum()
        return Loss(loss.total / 2 + self.r_drop / 4 * divergence, loss.nll / 2, batch.target_tokens)

    def _loss(self, batch: TrainingBatch) -> tuple[Loss, Tensor]:
        """And the logits of the P real tokens, sentence by sentence."""
        readout_BTR, weights_BTS = self.model.unroll(batch.source, batch.target_in_BT)
        real_BT = batch.target_mask_BT
        logits_PV = self.model.logits(readout_BTR[real_BT]).float()
        total, nll = smoothed_nll(logits_PV, batch.target_out_BT[real_BT], self.label_smoothing)
        if self.training and self.guided_alignment and batch.links_BT is not None and weights_BTS is not None:
            total = total + self.guided_alignment * unlike_links(weights_BTS, batch.links_BT)
        return Loss(total, nll, batch.target_tokens), logits_PV


def unlike_links(weights_BTS: Tensor, links_BT: Tensor) -> Tensor:
    """The sum of -log a_tj over the target tokens t that are linked to a source token j; a is at least SEEN."""
    linked_BT = links_BT != UNLINKED
    seen_BT = weights_BTS.gather(2, links_BT.clamp(min=0)[:, :, None])[:, :, 0]
    return -seen_BT[linked_BT].float().clamp(min=SEEN).log().sum()


def smoothed_nll(logits_PV: Tensor, targets_P: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
    """Sums over P of the smoothed loss and of the plain one (nats).

    loss = (1 - e) (-log p(y)) + e mean_v(-log p(v))  (Szegedy et al., 2016). The gradient
    p - (1 - e) onehot(y) - e / V is made in the forward pass, in the place of p, so that the softmax is computed once.
    """
    result: tuple[Tensor, Tensor] = _SmoothedNll.apply(logits_PV, targets_P, smoothing)  # type: ignore[no-untyped-call]
    return result


class _SmoothedNll(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits_PV: Tensor, targets_P: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
        targets_P1 = targets_P[:, None]
        probabilities_PV = torch.softmax(logits_PV, dim=1)
        target_logits_P = logits_PV.gather(1, targets_P1)[:, 0]
        normalizer_P = logits_PV.amax(dim=1) - probabilities_PV.amax(dim=1).log()
        nll = (normalizer_P - target_logits_P).sum()
        uniform = (normalizer_P - logits_PV.mean(dim=1)).sum()
        gradient_PV = probabilities_PV.sub_(smoothing / logits_PV.shape[1])
        gradient_PV.scatter_add_(1, targets_P1, torch.full_like(target_logits_P, smoothing - 1)[:, None])
        ctx.save_for_backward(gradient_PV)
        ctx.mark_non_differentiable(nll)
        return (1 - smoothing) * nll + smoothing * uniform, nll

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (gradient_PV,) = ctx.saved_tensors
        return gradient_PV * gradients[0], None, None
