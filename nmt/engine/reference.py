"""The model as it was trained, step by step in PyTorch: what every other engine is compared with."""

# N rows, S source tokens, V vocabulary, U of them unsayable, K candidates

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from nmt.attention import Memory
from nmt.batch import Batch
from nmt.decoder import DecoderState
from nmt.engine.candidates import candidates
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
        logits_NV, weights_NS, moved = self.predict(state, tokens_N)
        tokens_NK, log_probabilities_NK = candidates(logits_NV, k, self.unsayable_U, bans)
        return Top(tokens_NK, log_probabilities_NK, weights_NS, moved)

    @torch.inference_mode()
    def predict(self, state: ReferenceState, tokens_N: Tensor) -> tuple[Tensor, Tensor | None, ReferenceState]:
        """Logits [N, V] of the next token, attention weights [N, S], the state after it."""
        logits_NV, weights_NS, rows = self.model.step(state.memory, state.rows, tokens_N)
        return logits_NV, weights_NS, ReferenceState(state.memory, rows, state.owner_N)
