"""A scorer over a made-up table p(token | prefix, source), without any network."""

# N rows, K candidates, S source tokens, V vocabulary

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from nmt.batch import Batch
from nmt.search.scorer import Bans, Top
from nmt.vocabulary import BOS, EOS, PAD, UNK

Ids = tuple[int, ...]
Table = Callable[[Ids, Ids], np.ndarray]
"""(source, prefix) -> natural logs [V], -inf where the probability is 0."""


def random_table(seed: int, *, vocabulary_size: int = 7, levels: int = 0, end_weight: float = 1.0) -> Table:
    """Probabilities drawn anew for every prefix; PAD, UNK and BOS have none. `levels` > 0 rounds them into ties."""

    @cache
    def table(source: Ids, prefix: Ids) -> np.ndarray:
        weights = generator(seed, source, prefix).gamma(0.7, size=vocabulary_size) + 1e-3
        if levels:
            weights = 2.0 ** -np.minimum(levels, np.floor(-np.log2(weights / weights.max())))
        weights[[PAD, UNK, BOS]] = 0
        weights[EOS] *= end_weight
        with np.errstate(divide="ignore"):
            return np.log(weights / weights.sum())

    return table


def fixed_table(rows: dict[Ids, dict[int, float]], vocabulary_size: int = 8) -> Table:
    """The same for every source: prefix -> {token: probability}; EOS is certain after prefixes that are not there."""

    def table(source: Ids, prefix: Ids) -> np.ndarray:
        probabilities = np.zeros(vocabulary_size)
        for token, probability in rows.get(prefix, {EOS: 1.0}).items():
            probabilities[token] = probability
        with np.errstate(divide="ignore"):
            return np.log(probabilities)

    return table


@cache
def attention_row(source: Ids, prefix: Ids) -> np.ndarray:
    """[S], sums to 1: made up of the source and the prefix, so that it tells them apart."""
    return generator(1, source, prefix).dirichlet(np.ones(len(source))).astype(np.float32)


def generator(seed: int, source: Ids, prefix: Ids) -> np.random.Generator:
    return np.random.default_rng([seed, len(source), *source, *prefix])


@dataclass(frozen=True)
class TableState:
    """Of each row: its source, and the tokens read so far without BOS; None before BOS."""

    rows: tuple[tuple[Ids, Ids | None], ...]

    def select(self, rows_N: torch.Tensor) -> "TableState":
        return TableState(tuple(self.rows[row] for row in rows_N.tolist()))

    def concat(self, other: "TableState") -> "TableState":
        return TableState(self.rows + other.rows)

    def read(self, tokens: Sequence[int]) -> "TableState":
        assert len(tokens) == len(self.rows)
        assert all(token == BOS for token, (_, prefix) in zip(tokens, self.rows, strict=True) if prefix is None)
        pairs = zip(self.rows, tokens, strict=True)
        return TableState(tuple((source, () if said is None else (*said, token)) for (source, said), token in pairs))


class TableScorer:
    """A `Scorer` that looks everything up. `calls` holds (sources, k) of every step, one source for each row."""

    def __init__(self, table: Table, *, attention: bool = True) -> None:
        self.table, self.attention = table, attention
        self.calls: list[tuple[tuple[Ids, ...], int]] = []

    def start(self, batch: Batch) -> TableState:
        pairs = zip(batch.tokens_BS.tolist(), batch.lengths_B.tolist(), strict=True)
        return TableState(tuple((tuple(row[:length]), None) for row, length in pairs))

    def top(self, state: TableState, tokens_N: torch.Tensor, k: int, bans: Bans | None = None) -> Top[TableState]:
        state = state.read(tokens_N.tolist())
        self.calls.append((tuple(source for source, _ in state.rows), k))
        logs_NV = np.stack([self.table(source, prefix or ()) for source, prefix in state.rows])
        if bans is not None:
            logs_NV = banned(logs_NV, bans)
        order_NK = np.argsort(-logs_NV, axis=1, kind="stable")[:, :k]
        return Top(
            torch.from_numpy(order_NK),
            torch.from_numpy(np.take_along_axis(logs_NV, order_NK, axis=1)),
            self._attention(state) if self.attention else None,
            state,
        )

    def _attention(self, state: TableState) -> torch.Tensor:
        weights_NS = np.zeros((len(state.rows), max(len(source) for source, _ in state.rows)), dtype=np.float32)
        for row, (source, prefix) in enumerate(state.rows):
            weights_NS[row, : len(source)] = attention_row(source, prefix or ())
        return torch.from_numpy(weights_NS)


def banned(logs_NV: np.ndarray, bans: Bans) -> np.ndarray:
    """What `Bans` asks for, row by row."""
    out = logs_NV.copy()
    for row, token in zip(bans.rows_P.tolist(), bans.tokens_P.tolist(), strict=True):
        out[row, token] = -np.inf
    for row, token in enumerate([] if bans.forced_N is None else bans.forced_N.tolist()):
        if token >= 0:
            out[row] = -np.inf
            out[row, token] = logs_NV[row, token]
    return out
