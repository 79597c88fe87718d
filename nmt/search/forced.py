"""Scoring translations that are already there: the search is led along them, token by token."""

# B sentences, N those still running, T target tokens, S source tokens

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from nmt.batch import Batch
from nmt.errors import InputError
from nmt.search.constraints import FREE
from nmt.search.hypothesis import Hypothesis
from nmt.search.penalty import rank_score
from nmt.search.scorer import Bans, Scorer, StateT
from nmt.vocabulary import BOS, EOS


@torch.inference_mode()
def force_decode(
    scorer: Scorer[StateT], batch: Batch, targets: Sequence[Sequence[int]], length_penalty: float = 1.0
) -> list[Hypothesis]:
    """log p(target | source) of each pair, token by token, and what the model looks at on the way.

    Each target ends in EOS and has no other; no length limit holds. Raises InputError where a target is not like
    that, or where there are not as many targets as sentences.
    """
    _check_targets(targets, len(batch))
    lengths_B = np.array([len(target) for target in targets])
    wanted_BT = np.full((len(targets), lengths_B.max()), FREE)
    for row, target in enumerate(targets):
        wanted_BT[row, : len(target)] = target
    log_probabilities_BT, attention_BTS = _follow(scorer, batch, wanted_BT, lengths_B)
    found = []
    for row, (target, source_length) in enumerate(zip(targets, batch.lengths_B.tolist(), strict=True)):
        log_probabilities = tuple(log_probabilities_BT[row, : len(target)].tolist())
        score = rank_score(sum(log_probabilities), len(target), length_penalty)
        attention = None if attention_BTS is None else attention_BTS[row, : len(target), :source_length].copy()
        found.append(Hypothesis(tuple(target), log_probabilities, score, attention))
    return found


def _follow(
    scorer: Scorer[StateT], batch: Batch, wanted_BT: NDArray[np.int64], lengths_B: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float32] | None]:
    """The log-probability of each wanted token, and the attention [B, T, S] behind it, 0 where nothing is wanted."""
    device = batch.tokens_BS.device
    log_probabilities_BT = np.zeros(wanted_BT.shape)
    attention_BTS: NDArray[np.float32] | None = None
    no_pairs = torch.zeros(0, dtype=torch.int64, device=device)
    running = np.arange(len(wanted_BT))
    state, last_N = scorer.start(batch), torch.full((len(batch),), BOS, device=device)
    for at in range(wanted_BT.shape[1]):
        going = np.flatnonzero(lengths_B[running] > at)
        if len(going) < len(running):
            going_N = torch.from_numpy(going).to(device)
            state, last_N, running = state.select(going_N), last_N[going_N], running[going]
        forced_N = torch.from_numpy(wanted_BT[running, at]).to(device)
        top = scorer.top(state, last_N, 1, Bans(no_pairs, no_pairs, forced_N))
        log_probabilities_BT[running, at] = top.log_probabilities_NK[:, 0].numpy(force=True)
        if top.attention_NS is not None:
            if attention_BTS is None:
                attention_BTS = np.zeros((*wanted_BT.shape, top.attention_NS.shape[1]), dtype=np.float32)
            attention_BTS[running, at, : top.attention_NS.shape[1]] = top.attention_NS.float().numpy(force=True)
        state, last_N = top.state, forced_N
    return log_probabilities_BT, attention_BTS


def _check_targets(targets: Sequence[Sequence[int]], sentences: int) -> None:
    if len(targets) != sentences:
        raise InputError(f"{len(targets)} targets were given for {sentences} sources, expected one for each")
    for index, target in enumerate(targets):
        if not target or target[-1] != EOS or EOS in target[:-1]:
            raise InputError(
                f"target {index}: expected token ids with the end symbol ({EOS}) as the last and only there"
            )
