"""From the logits of a step to the next tokens that the search may choose from."""

# N rows, F of them forced, V vocabulary, U of them unsayable, K candidates, P bans

import torch
from torch import Tensor

from nmt.search.scorer import Bans


def candidates(logits_NV: Tensor, k: int, unsayable_U: Tensor, bans: Bans | None) -> tuple[Tensor, Tensor]:
    """The k best next tokens of each row that may be said, and their log-probabilities, both [N, K].

    The log-probabilities are those of the softmax over the whole vocabulary. `logits_NV` is written over.
    """
    normalizer_N1 = logits_NV.logsumexp(dim=1, keepdim=True)
    if bans is not None and bans.forced_N is not None and bool((bans.forced_N >= 0).all()):
        tokens_N1 = bans.forced_N[:, None]
        return tokens_N1, logits_NV.gather(1, tokens_N1) - normalizer_N1
    apply_bans(logits_NV, unsayable_U.to(logits_NV.device), bans)
    logits_NK, tokens_NK = top_k(logits_NV, k)
    return tokens_NK, logits_NK - normalizer_N1


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
