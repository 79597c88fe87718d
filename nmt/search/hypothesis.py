"""A finished translation in token ids."""

# T target tokens, S source tokens

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Hypothesis:
    """What a search found for one source sentence.

    `tokens` end in EOS. `token_log_probabilities` are natural logs, one for each token. `rank_score` is what the
    beam orders by: log-probability / length^alpha. `attention_TS` (float32, rows sum to 1) says what the model looked
    at for each target token; None where the model has no attention. `terms` says, for each token, which of the
    sentence's terms it belongs to (-1: none); it is empty where none are said.
    """

    tokens: tuple[int, ...]
    token_log_probabilities: tuple[float, ...]
    rank_score: float
    attention_TS: NDArray[np.float32] | None
    terms: tuple[int, ...] = ()

    @property
    def log_probability(self) -> float:
        """Natural log of p(tokens | source), EOS included."""
        return sum(self.token_log_probabilities)
