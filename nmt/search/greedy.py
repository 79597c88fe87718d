"""The simplest search: always the best next token."""

# B sentences, N those still running

import numpy as np
import torch

from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.search.constraints import Progress, constraints_of, joint_bans
from nmt.search.hypothesis import Hypothesis
from nmt.search.penalty import rank_score
from nmt.search.scorer import Scorer, StateT
from nmt.vocabulary import BOS, EOS


@torch.inference_mode()
def greedy(scorer: Scorer[StateT], batch: Batch, options: SearchOptions) -> list[Hypothesis]:
    """One hypothesis for each sentence, under the constraints of `options`; its beam size counts for nothing."""
    rules, device = constraints_of(options), batch.tokens_BS.device
    source_lengths = batch.lengths_B.tolist()
    tokens: list[list[int]] = [[] for _ in source_lengths]
    log_probabilities: list[list[float]] = [[] for _ in source_lengths]
    attention: list[list[torch.Tensor]] = [[] for _ in source_lengths]
    state, last_N, running = scorer.start(batch), torch.full((len(batch),), BOS, device=device), list(range(len(batch)))
    while running:
        length = len(tokens[running[0]])
        progress = Progress(
            np.full(len(running), length),
            np.array([options.length_limit(source_lengths[index]) for index in running]),
            [()] * len(running),
            np.array([tokens[index] for index in running], dtype=np.int64).reshape(len(running), length),
        )
        top = scorer.top(state, last_N, 1, joint_bans(rules, progress, device))
        for row, index in enumerate(running):
            tokens[index].append(int(top.tokens_NK[row, 0]))
            log_probabilities[index].append(float(top.log_probabilities_NK[row, 0]))
            if top.attention_NS is not None:
                attention[index].append(top.attention_NS[row, : source_lengths[index]])
        going = torch.tensor(
            [row for row, index in enumerate(running) if tokens[index][-1] != EOS], device=device
        ).long()
        running = [running[row] for row in going.tolist()]
        state, last_N = top.state.select(going), top.tokens_NK[going, 0]
    return [
        Hypothesis(
            tuple(said),
            tuple(logs),
            rank_score(sum(logs), len(said), options.length_penalty),
            torch.stack(looked).float().numpy(force=True) if looked else None,
        )
        for said, logs, looked in zip(tokens, log_probabilities, attention, strict=True)
    ]
