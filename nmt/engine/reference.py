"""The model as it was trained, step by step in PyTorch: what every other engine is compared with."""

# B sentences, N rows, S source tokens, V vocabulary, K candidates, P bans

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
            whole = len(kept) == len(self.memory.bias_BS) and torch.equal(kept, torch.arange(len(kept)))
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
    """A `Scorer` over a `Seq2Seq`."""

    def __init__(self, model: Seq2Seq) -> None:
        self.model = model.eval()

    @torch.inference_mode()
    def start(self, batch: Batch) -> ReferenceState:
        memory, state = self.model.start(batch)
        return ReferenceState(memory, state, torch.arange(len(batch), device=batch.tokens_BS.device))

    @torch.inference_mode()
    def top(self, state: ReferenceState, tokens_N: Tensor, k: int, bans: Bans | None = None) -> Top[ReferenceState]:
        logits_NV, weights_NS, rows = self.model.step(state.memory, state.rows, tokens_N)
        normalizer_N1 = logits_NV.logsumexp(dim=1, keepdim=True)
        if bans is not None:
            logits_NV = apply_bans(logits_NV, bans)
        logits_NK, tokens_NK = top_k(logits_NV, min(k, logits_NV.shape[1]))
        moved = ReferenceState(state.memory, rows, state.owner_N)
        return Top(tokens_NK, logits_NK - normalizer_N1, weights_NS, moved)


def apply_bans(logits_NV: Tensor, bans: Bans) -> Tensor:
    """-inf at what may not be said, and everywhere but at a forced token."""
    allowed_NV = logits_NV.clone()
    allowed_NV[bans.rows_P, bans.tokens_P] = -torch.inf
    if bans.forced_N is None:
        return allowed_NV
    is_forced_N1 = (bans.forced_N >= 0)[:, None]
    forced_N1 = bans.forced_N.clamp(min=0)[:, None]
    only_NV = torch.full_like(logits_NV, -torch.inf).scatter(1, forced_N1, logits_NV.gather(1, forced_N1))
    return torch.where(is_forced_N1, only_NV, allowed_NV)


def top_k(scores_NV: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest of each row and where they stand, largest first, equal ones in the order of their place."""
    found_NK, places_NK = scores_NV.topk(min(k + 1, scores_NV.shape[1]))
    tied_N = (found_NK[:, 1:] == found_NK[:, :-1]).any(dim=1)
    if bool(tied_N.any()):
        ordered = scores_NV[tied_N].sort(dim=1, descending=True, stable=True)
        found_NK[tied_N] = ordered.values[:, : found_NK.shape[1]]
        places_NK[tied_N] = ordered.indices[:, : found_NK.shape[1]]
    return found_NK[:, :k], places_NK[:, :k]
