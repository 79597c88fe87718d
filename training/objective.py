"""What training minimises: a module that gives, for one batch, summed losses and the number of tokens they are over."""

# B sentences, T target tokens, P real target tokens of a batch, C types that the softmax is over

from collections.abc import Callable
from typing import NamedTuple, Protocol

from torch import Tensor, nn

from nmt.model import Seq2Seq
from training.alignment import UNLINKED
from training.batch import TrainingBatch
from training.softmax import sample_types, smoothed_nll

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

    With `sampled_softmax` = n > 0, the softmax in training is over the types of the batch's targets and n others
    (`sample_types`); not together with `r_drop`.
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
        assert not (r_drop and sampled_softmax), "the two passes of R-Drop are compared over all types"
        self.model, self.label_smoothing = model, label_smoothing
        self.r_drop, self.guided_alignment, self.sampled_softmax = r_drop, guided_alignment, sampled_softmax

    def forward(self, batch: TrainingBatch) -> Loss:
        if not (self.training and self.r_drop):
            return self._loss(batch)[0]
        loss, logits_PC = self._loss(batch.twice())
        first_PC, second_PC = logits_PC.log_softmax(dim=1).chunk(2)
        divergence = ((first_PC.exp() - second_PC.exp()) * (first_PC - second_PC)).sum()
        return Loss(loss.total / 2 + self.r_drop / 4 * divergence, loss.nll / 2, batch.target_tokens)

    def _loss(self, batch: TrainingBatch) -> tuple[Loss, Tensor]:
        """And the logits of the P real tokens, sentence by sentence."""
        readout_BTR, weights_BTS = self.model.unroll(batch.source, batch.target_in_BT)
        real_BT = batch.target_mask_BT
        readout_PR, targets_P = readout_BTR[real_BT], batch.target_out_BT[real_BT]
        types_C = counts_C = None
        if self.training and self.sampled_softmax:
            types_C, counts_C, targets_P = sample_types(targets_P, len(self.model.output_bias), self.sampled_softmax)
        logits_PC = self.model.logits(readout_PR, types_C).float()
        total, nll = smoothed_nll(logits_PC, targets_P, self.label_smoothing, counts_C)
        if self.training and self.guided_alignment and batch.links_BT is not None and weights_BTS is not None:
            total = total + self.guided_alignment * unlike_links(weights_BTS, batch.links_BT)
        return Loss(total, nll, batch.target_tokens), logits_PC


def unlike_links(weights_BTS: Tensor, links_BT: Tensor) -> Tensor:
    """The sum of -log a_tj over the target tokens t that are linked to a source token j; a is at least SEEN."""
    linked_BT = links_BT != UNLINKED
    seen_BT = weights_BTS.gather(2, links_BT.clamp(min=0)[:, :, None])[:, :, 0]
    return -seen_BT[linked_BT].float().clamp(min=SEEN).log().sum()
