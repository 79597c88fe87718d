"""The heart of beam search: from scored continuations to the hypotheses that live on and those that end."""

# B sentences, R rows of each (at most K), C continuations of a row, X = R C candidates of a sentence, K beam size

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nmt.vocabulary import EOS


class Candidates(NamedTuple):
    """Hypotheses that are one token longer, best first. A score of -inf says that there is none at this place."""

    scores_BK: Tensor  # natural log of the probability of the whole hypothesis
    parents_BK: Tensor  # which of its sentence's rows it continues, 0 .. R - 1
    tokens_BK: Tensor
    log_probabilities_BK: Tensor  # of the last token alone

    def take(self, places_BK: Tensor) -> "Candidates":
        return Candidates(*(values.gather(1, places_BK) for values in self))


class Update(NamedTuple):
    """The beam after a step: `living` go on, `ended` are complete. Both are K wide."""

    living: Candidates
    ended: Candidates


def update(scores_BR: Tensor, tokens_BRC: Tensor, log_probabilities_BRC: Tensor, beam_size: int) -> Update:
    """One step of beam search on tensors alone.

    Among the 2 K best candidates of a sentence those that end (EOS) and rank within the first K are ended, and the
    first K others live on. Equal scores are ordered by the lower token id, then by the parent that stands first.
    A row is dead where `scores_BR` is -inf. Of each row's continuations the best K + 1 suffice (for K = 1, the best).
    """
    best = best_candidates(scores_BR, tokens_BRC, log_probabilities_BRC, 2 * beam_size)
    ends_BX = best.tokens_BK == EOS
    first = Candidates(*(values[:, :beam_size] for values in best))
    ended = first._replace(scores_BK=first.scores_BK.masked_fill(~ends_BX[:, :beam_size], -torch.inf))
    others_BK = ends_BX.byte().argsort(dim=1, stable=True)[:, :beam_size]
    masked = best._replace(scores_BK=best.scores_BK.masked_fill(ends_BX, -torch.inf))
    return Update(masked.take(others_BK), ended)


def best_candidates(scores_BR: Tensor, tokens_BRC: Tensor, log_probabilities_BRC: Tensor, count: int) -> Candidates:
    """The `count` best continuations of each sentence; where a sentence has fewer, -inf fills up."""
    totals_BX = (scores_BR[:, :, None] + log_probabilities_BRC).flatten(1)
    tokens_BX, width = tokens_BRC.flatten(1), tokens_BRC.shape[2]
    missing = max(0, count - totals_BX.shape[1])
    places_BK = F.pad(_order(totals_BX, tokens_BX, count), (0, missing))
    found_BK = totals_BX.gather(1, places_BK)
    if missing:
        found_BK[:, -missing:] = -torch.inf
    log_probabilities_BK = log_probabilities_BRC.flatten(1).gather(1, places_BK)
    return Candidates(found_BK, places_BK // width, tokens_BX.gather(1, places_BK), log_probabilities_BK)


def _order(totals_BX: Tensor, tokens_BX: Tensor, count: int) -> Tensor:
    """Where the `count` largest totals stand, ties settled. Ties are rare, so sorting waits until there is one."""
    values_BK, places_BK = totals_BX.topk(min(count + 1, totals_BX.shape[1]))
    tied_BK = (values_BK[:, 1:] == values_BK[:, :-1]) & (values_BK[:, 1:] > -torch.inf)
    if bool(tied_BK.any()):
        by_token_BX = tokens_BX.argsort(dim=1, stable=True)
        by_total_BX = totals_BX.gather(1, by_token_BX).argsort(dim=1, descending=True, stable=True)
        places_BK = by_token_BX.gather(1, by_total_BX)
    return places_BK[:, :count]
