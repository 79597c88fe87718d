"""Several models as one: the mean of what they predict."""

# N rows, V vocabulary, M models

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from nmt.batch import Batch
from nmt.engine.candidates import candidates
from nmt.engine.reference import ReferenceScorer, ReferenceState
from nmt.search.scorer import Bans, Top


@dataclass(frozen=True)
class EnsembleState:
    """A state of each model."""

    members: tuple[ReferenceState, ...]

    def select(self, rows_N: Tensor) -> Self:
        return type(self)(tuple(member.select(rows_N) for member in self.members))

    def concat(self, other: Self) -> Self:
        pairs = zip(self.members, other.members, strict=True)
        return type(self)(tuple(member.concat(another) for member, another in pairs))


class EnsembleScorer:
    """p(y) = the mean of the models' p(y), and likewise the attention of those that have one.

    The models read the same tokens: they share a tokenizer.
    """

    def __init__(self, members: Sequence[ReferenceScorer]) -> None:
        assert members, "an ensemble has at least one member"
        self.members = tuple(members)

    def start(self, batch: Batch) -> EnsembleState:
        return EnsembleState(tuple(member.start(batch) for member in self.members))

    @torch.inference_mode()
    def top(self, state: EnsembleState, tokens_N: Tensor, k: int, bans: Bans | None = None) -> Top[EnsembleState]:
        pairs = zip(self.members, state.members, strict=True)
        predictions = [member.predict(its_state, tokens_N) for member, its_state in pairs]
        log_probabilities_MNV = torch.stack([logits_NV.log_softmax(dim=1) for logits_NV, _, _ in predictions])
        mean_NV = log_probabilities_MNV.logsumexp(dim=0) - math.log(len(predictions))
        tokens_NK, log_probabilities_NK = candidates(mean_NV, k, self.members[0].unsayable_U, bans)
        weights = [weights_NS for _, weights_NS, _ in predictions if weights_NS is not None]
        attention_NS = torch.stack(weights).mean(dim=0) if weights else None
        moved = EnsembleState(tuple(its_state for _, _, its_state in predictions))
        return Top(tokens_NK, log_probabilities_NK, attention_NS, moved)
