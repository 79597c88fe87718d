"""The model as it was trained, step by step in PyTorch: what every other engine is compared with."""

# B sentences, N rows, F of them forced, S source tokens, V vocabulary, U of them unsayable, K candidates, P bans

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from nmt.attention import Memory
from nmt.batch import Batch
from nmt.decoder import DecoderState
from nmt.model import Seq2Seq
from nmt.search.scorer import Bans, Top


@dataclass(frozen=True)
class ReferenceState:
    """Sentences own the memory, rows carry the decoder's state; `owner_N` says whose row each one is.

    Where every sentence has equally many rows, side by side, they share its memory; else each row has a copy.
    """

    memory: Memory | None
    rows: DecoderState
    owner_N: Tensor

    def select(self, rows_N: Tensor) -> Self:
        rows, owner_N = self.rows.select(rows_N), self.owner_N[rows_N]
        if self.memory is None:
            return type(self)(None, rows, owner_N)
        kept, counts = torch.unique_consecutive(owner_N, return_counts=True)
        if bool((counts == counts[:1]).all()):
            renumbered_N = torch.arange(len(kept), device=kept.device).repeat_interleave(counts)
            whole = torch.equal(kept, torch.arange(len(self.memory.bias_BS), device=kept.device))
            return type(self)(self.memory if whole else self.memory.select(kept), rows, renumbered_N)
        return type(self)(self.memory.select(owner_N), rows, torch.arange(len(owner_N), device=owner_N.device))

    def concat(self, other: Self) -> Self:
        rows = self.rows.concat(other.rows)
        if self.memory is None or other.memory is None:
            return type(self)(None, rows, torch.cat([self.owner_N, other.owner_N]))
        sentences = len(self.memory.bias_BS)
        owner_N = torch.cat([self.owner_N, other.owner_N + sentences])
        joined = type(self)(self.memory.concat(other.memory), rows, owner_N)
        return joined.select(torch.arange(len(owner_N), device=owner_N.device))


class ReferenceScorer:
    """A `Scorer` over a `Seq2Seq`.

    Tokens in `unsayable` (control symbols) are no candidates unless a row is forced to say them; the log-probabilities
    of the others stay those of the softmax over the whole vocabulary.
    """

    def __init__(self, model: Seq2Seq, unsayable: Iterable[int] = ()) -> None:
        self.model = model.eval()
        self.unsayable_U = torch.tensor(sorted(unsayable), dtype=torch.int64, device=model.output_bias.device)

    @torch.inference_mode()
    def start(self, batch: Batch) -> ReferenceState:
        memory, state = self.model.start(batch)
        return ReferenceState(memory, state, torch.arange(len(batch), device=batch.tokens_BS.device))

    @torch.inference_mode()
    def top(self, state: ReferenceState, tokens_N: Tensor, k: int, bans: Bans | None = None) -> Top[ReferenceState]:
        logits_NV, weights_NS, rows = self.model.step(state.memory, state.rows, tokens_N)
        moved = ReferenceState(state.memory, rows, state.owner_N)
        normalizer_N1 = logits_NV.logsumexp(dim=1, keepdim=True)
        if bans is not None and bans.forced_N is not None and bool((bans.forced_N >= 0).all()):
            tokens_N1 = bans.forced_N[:, None]
            return Top(tokens_N1, logits_NV.gather(1, tokens_N1) - normalizer_N1, weights_NS, moved)
        apply_bans(logits_NV, self.unsayable_U.to(logits_NV.device), bans)
        logits_NK, tokens_NK = top_k(logits_NV, k)
        return Top(tokens_NK, logits_NK - normalizer_N1, weights_NS, moved)


def apply_bans(logits_NV: Tensor, unsayable_U: Tensor, bans: Bans | None) -> None:
    """Write -inf over what may not be said, and in forced rows over everything else."""
    rows_F = tokens_F = torch.zeros(0, dtype=torch.int64, device=logits_NV.device)
    if bans is not None and bans.forced_N is not None:
        rows_F = (bans.forced_N >= 0).nonzero()[:, 0]
        tokens_F = bans.forced_N[rows_F]
    forced_F = logits_NV[rows_F, tokens_F]
    logits_NV.index_fill_(1, unsayable_U, -torch.inf)
    if bans is not None:
        logits_NV[bans.rows_P, bans.tokens_P] = -torch.inf
    logits_NV[rows_F] = -torch.inf
    logits_NV[rows_F, tokens_F] = forced_F


def top_k(scores_NV: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest of each row (all where there are fewer) and where they stand, largest first, equal ones in the
    order of their place; among -inf, in any order."""
    found_NK, places_NK = scores_NV.topk(min(k + 1, scores_NV.shape[1]))
    tied_N = ((found_NK[:, 1:] == found_NK[:, :-1]) & (found_NK[:, 1:] > -torch.inf)).any(dim=1)
    if bool(tied_N.any()):
        ordered = scores_NV[tied_N].sort(dim=1, descending=True, stable=True)
        found_NK[tied_N] = ordered.values[:, : found_NK.shape[1]]
        places_NK[tied_N] = ordered.indices[:, : found_NK.shape[1]]
    return found_NK[:, :k], places_NK[:, :k]
