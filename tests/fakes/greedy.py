"""Greedy search as a plain loop over one sentence, with nothing of the product in it."""

import math
from collections.abc import Callable

import numpy as np

from nmt.config import SearchOptions
from nmt.vocabulary import EOS

Ids = tuple[int, ...]


def greedy(look: Callable[[Ids], np.ndarray], limit: int, options: SearchOptions) -> tuple[Ids, tuple[float, ...]]:
    """The most probable token, again and again: what was said, EOS last, and the natural log of each probability.

    `look` gives the logs [V] after a prefix; at most `limit` tokens, EOS included.
    """
    said: Ids = ()
    logs: tuple[float, ...] = ()
    while EOS not in said:
        all_logs = look(said).tolist()
        allowed = [token for token, log in enumerate(all_logs) if log > -math.inf and may_follow(said, token, options)]
        token = max(allowed, key=lambda token: (all_logs[token], -token), default=EOS)
        if len(said) + 1 == limit:
            token = EOS
        said, logs = (*said, token), (*logs, all_logs[token])
    return said, logs


def may_follow(said: Ids, token: int, options: SearchOptions) -> bool:
    if token == EOS:
        return len(said) + 1 >= options.min_length
    size, longer = options.no_repeat_ngram, (*said, token)
    ngrams = [longer[at : at + size] for at in range(len(longer) - size + 1)]
    return size == 0 or len(set(ngrams)) == len(ngrams)
