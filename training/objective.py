"""What training minimises: a module that gives, for one batch, summed losses and the number of tokens they are over."""

# B sentences, T target tokens, P real target tokens of a batch, C types that the softmax is over

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from nmt.model import Seq2Seq
from training.alignment import UNLINKED
from training.batch import TrainingBatch
from training.softmax import sample_types, smoothed_nll

SEEN = 1e-6
LOGITS_AT_ONCE = 4_000_000
"""Larger stretches of memory than these make are given back and fetched anew in each step, which takes longer than to
fill them."""


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

    With `r_drop` = a > 0, training reads each batch twice, under different dropout (of recurrent weights the same is
    dropped), and draws the two predictions p, q together: (nll_p + nll_q) / 2 + a / 4 (KL(p || q) + KL(q || p)), half
    the loss of Liang et al. (2021, "R-Drop").

    With `guided_alignment` = g > 0, training adds g times the negative logarithm of the attention on the source token
    that each target token is linked to, where the batch has links (Chen et al., 2016).

    With `sampled_softmax` = n > 0, the softmax in training is over the types of the batch's targets and n others
    (`sample_types`).
    """

    def __init__(
        self,
        model: Seq2Seq,
        label_smoothing: float = 0.0,
        *,
        r_drop: float = 0.0,
        guided_alignment: float = 0.0,
        sampled_softmax: int = 0,
    ) -> None:
        super().__init__()
        self.model, self.label_smoothing = model, label_smoothing
        self.r_drop, self.guided_alignment, self.sampled_softmax = r_drop, guided_alignment, sampled_softmax

    def forward(self, batch: TrainingBatch) -> Loss:
        passes = 2 if self.training and self.r_drop else 1
        read = batch.twice() if passes == 2 else batch
        readout_BTR, weights_BTS = self.model.unroll(read.source, read.target_in_BT)
        readouts_PR = readout_BTR[read.target_mask_BT].chunk(passes)
        total, nll = self._losses(readouts_PR, batch.target_out_BT[batch.target_mask_BT])
        if self.training and self.guided_alignment and read.links_BT is not None and weights_BTS is not None:
            total = total + self.guided_alignment / passes * guided_alignment_loss(weights_BTS, read.links_BT)
        return Loss(total, nll, batch.target_tokens)

    def _losses(self, readouts_PR: Sequence[Tensor], targets_P: Tensor) -> tuple[Tensor, Tensor]:
        """Sums of both losses over the P real tokens, sentence by sentence; the means of the passes, one or two."""
        types_C = counts_C = None
        types = self.model.config.vocabulary_size
        if self.training and self.sampled_softmax:
            types_C, counts_C, targets_P = sample_types(targets_P, types, self.sampled_softmax)
            types = len(types_C)
        rows = max(1, LOGITS_AT_ONCE // types)
        total = nll = torch.zeros((), device=targets_P.device)
        for targets, *readouts in zip(*(torch.split(each, rows) for each in (targets_P, *readouts_PR)), strict=True):
            logits = [self.model.logits(readout, types_C).float() for readout in readouts]
            losses = [smoothed_nll(each, targets, self.label_smoothing, counts_C) for each in logits]
            total = total + sum(loss for loss, _ in losses) / len(losses)
            nll = nll + sum(loss for _, loss in losses) / len(losses)
            if len(logits) > 1:
                total = total + self.r_drop / 4 * symmetric_kl(logits[0], logits[1], counts_C)
        return total, nll


def symmetric_kl(logits_PC: Tensor, others_PC: Tensor, counts_C: Tensor | None = None) -> Tensor:
    """KL(p || q) + KL(q || p) = sum (p - q) (log p - log q), summed over P; type c stands for `counts_C` types."""
    if counts_C is not None:
        logits_PC, others_PC = logits_PC + counts_C.log(), others_PC + counts_C.log()
    first_PC, second_PC = logits_PC.log_softmax(dim=1), others_PC.log_softmax(dim=1)
    return ((first_PC.exp() - second_PC.exp()) * (first_PC - second_PC)).sum()


def guided_alignment_loss(weights_BTS: Tensor, links_BT: Tensor) -> Tensor:
    """The sum of -log a_tj over the target tokens t that are linked to a source token j; a is at least SEEN."""
    linked_BT = links_BT != UNLINKED
    seen_BT = weights_BTS.gather(2, links_BT.clamp(min=0)[:, :, None])[:, :, 0]
    return -seen_BT[linked_BT].float().clamp(min=SEEN).log().sum()
