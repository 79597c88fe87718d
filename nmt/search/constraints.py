"""What a hypothesis may not say next: each rule on its own, from what was said so far."""

# B sentences, R rows of each, N = B R rows, T tokens so far of the longest row, P pairs

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nmt.config import SearchOptions
from nmt.search.scorer import Bans
from nmt.vocabulary import EOS

FREE = -1
"""Stands in `Bans.forced_N` where a row may choose."""


@dataclass(frozen=True)
class Progress:
    """How far the running sentences are; each has R rows, side by side.

    `lengths_B`: tokens said so far. `limits_B`: most tokens, EOS included. `prefixes`: what each target has to start
    with. `history_NT`: the tokens of each row, -1 on the left of shorter ones; no columns where nobody needs it.
    `terms_N`: the token that a row's term goes on with, FREE between terms; None where no sentence has terms.
    """

    lengths_B: NDArray[np.int64]
    limits_B: NDArray[np.int64]
    prefixes: Sequence[Sequence[int]]
    history_NT: NDArray[np.int64]
    terms_N: NDArray[np.int64] | None = None

    @property
    def rows_per_sentence(self) -> int:
        return len(self.history_NT) // len(self.lengths_B)


class Constraint(Protocol):
    """A rule: which tokens are forbidden to which rows, or forced upon them, in the next step; None for no say."""

    def __call__(self, progress: Progress) -> Bans | None: ...


def end_at_limit(progress: Progress) -> Bans | None:
    """Force EOS as the last token that the limit allows."""
    return _forced(np.where(progress.lengths_B + 1 >= progress.limits_B, EOS, FREE), progress)


def follow_prefix(progress: Progress) -> Bans | None:
    """Force the tokens of the prefix, one after the other."""
    if not any(progress.prefixes):
        return None
    pairs = zip(progress.prefixes, progress.lengths_B.tolist(), strict=True)
    return _forced(np.array([prefix[at] if at < len(prefix) else FREE for prefix, at in pairs]), progress)


def go_on_with_terms(progress: Progress) -> Bans | None:
    """Force the tokens of the terms that rows are saying."""
    return None if progress.terms_N is None else _forced_rows(progress.terms_N)


@dataclass(frozen=True)
class MinimumLength:
    """No EOS before the token number `minimum` (EOS counted), as long as anything else may be said."""

    minimum: int

    def __call__(self, progress: Progress) -> Bans | None:
        short_B = progress.lengths_B + 1 < self.minimum
        if not short_B.any():
            return None
        rows_P = np.flatnonzero(np.repeat(short_B, progress.rows_per_sentence))
        return _forbidden(rows_P, np.full_like(rows_P, EOS))


@dataclass(frozen=True)
class NoRepeatedNgram:
    """No n-gram of this size twice in a hypothesis (Paulus et al., 2018)."""

    size: int

    def __call__(self, progress: Progress) -> Bans | None:
        history_NT = progress.history_NT
        if history_NT.shape[1] < self.size:
            return None
        windows = np.lib.stride_tricks.sliding_window_view(history_NT, self.size, axis=1)
        last = history_NT[:, None, history_NT.shape[1] - self.size + 1 :]
        seen = (windows[:, :, :-1] == last).all(axis=2) & (windows[:, :, 0] >= 0)
        rows_P, places_P = np.nonzero(seen)
        return _forbidden(rows_P, windows[rows_P, places_P, -1]) if len(rows_P) else None


def constraints_of(options: SearchOptions) -> tuple[Constraint, ...]:
    """The rules that `options` switch on. Where several force a row, the first one wins."""
    rules: list[Constraint] = [end_at_limit, follow_prefix, go_on_with_terms]
    if options.min_length > 1:
        rules.append(MinimumLength(options.min_length))
    if options.no_repeat_ngram > 0:
        rules.append(NoRepeatedNgram(options.no_repeat_ngram))
    return tuple(rules)


def joint_bans(rules: Sequence[Constraint], progress: Progress, device: torch.device | str = "cpu") -> Bans | None:
    """What all the rules say together; a forced token wins over what is forbidden. None where there is nothing."""
    said = [bans for rule in rules if (bans := rule(progress)) is not None]
    if not said:
        return None
    forced_N = None
    for bans in said:
        if bans.forced_N is not None:
            earlier_N = bans.forced_N if forced_N is None else forced_N
            forced_N = torch.where(earlier_N == FREE, bans.forced_N, earlier_N)
    rows_P = torch.cat([bans.rows_P for bans in said]).to(device)
    tokens_P = torch.cat([bans.tokens_P for bans in said]).to(device)
    return Bans(rows_P, tokens_P, None if forced_N is None else forced_N.to(device))


def ended_where_stuck(bans: Bans, stuck_N: Tensor) -> Bans | None:
    """`bans`, but EOS forced upon the rows of `stuck_N` that are free; None where there is no such row."""
    forced_N = torch.full_like(stuck_N, FREE, dtype=torch.int64) if bans.forced_N is None else bans.forced_N
    ending_N = stuck_N & (forced_N == FREE)
    return Bans(bans.rows_P, bans.tokens_P, forced_N.masked_fill(ending_N, EOS)) if bool(ending_N.any()) else None


def _forced(forced_B: NDArray[np.int64], progress: Progress) -> Bans | None:
    return _forced_rows(np.repeat(forced_B, progress.rows_per_sentence))


def _forced_rows(forced_N: NDArray[np.int64]) -> Bans | None:
    if (forced_N == FREE).all():
        return None
    none = torch.zeros(0, dtype=torch.int64)
    return Bans(none, none, torch.from_numpy(forced_N))


def _forbidden(rows_P: NDArray[np.int64], tokens_P: NDArray[np.int64]) -> Bans:
    return Bans(torch.from_numpy(rows_P), torch.from_numpy(tokens_P))
