"""Which source token each target token translates, learnt from parallel text alone."""

# N examples, S source tokens, T target tokens, P pairs of a source and a target token of one example, K kinds of pairs

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

UNLINKED = -1
ROUNDS = 5
TENSION = 4.0
NULL = 0.08
SMOOTHING = 1e-4
CHUNK_PAIRS = 2_000_000
"""Pairs that are held at a time, or those of one example where it has more; each takes some 150 bytes."""

Integers = NDArray[np.integer[Any]]
Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """One side of all examples: those of example n are `ids[starts[n] : starts[n] + lengths[n]]`, at least one."""

    ids: Integers
    starts: Integers
    lengths: Integers

    @classmethod
    def of(cls, lines: Sequence[Integers]) -> Self:
        """Each of `lines`, none of them empty, is one example's."""
        lengths = np.fromiter(map(len, lines), np.int64, len(lines))
        return cls(np.concatenate(lines), _begins(lengths), lengths)

    def __len__(self) -> int:
        return len(self.starts)

    def part(self, first: int, last: int) -> "Side":
        return Side(self.ids, self.starts[first:last], self.lengths[first:last])


@dataclass(frozen=True)
class TokenPairs:
    """Every target token with every source token of its example, in this order.

    `source_token_P` and `target_token_P` number the tokens of all examples, `place_P` is where the source token stands
    in its own, and `nearness_P` = exp(-TENSION |i/S - j/T|).
    """

    source_ids_P: Integers
    target_ids_P: Integers
    source_token_P: Integers
    target_token_P: Integers
    place_P: Integers
    nearness_P: Shares

    @classmethod
    def of(cls, sources: Side, targets: Side) -> "TokenPairs":
        sizes_N = sources.lengths * targets.lengths
        example_P = np.repeat(np.arange(len(sizes_N)), sizes_N)
        source_length_P, target_length_P = sources.lengths[example_P], targets.lengths[example_P]
        number_P = np.arange(len(example_P)) - _begins(sizes_N)[example_P]
        j_P, i_P = np.divmod(number_P, source_length_P)
        distance_P = np.abs((i_P + 0.5) / source_length_P - (j_P + 0.5) / target_length_P)
        return cls(
            sources.ids[sources.starts[example_P] + i_P],
            targets.ids[targets.starts[example_P] + j_P],
            _begins(sources.lengths)[example_P] + i_P,
            _begins(targets.lengths)[example_P] + j_P,
            i_P,
            np.exp(-TENSION * distance_P),
        )


class Aligner:
    """p(target | source) and p(source | target) of single tokens, under alignments that keep near the diagonal.

    IBM Model 2 with the log-linear prior of Dyer, Chahuneau and Smith (2013, "fast_align"), once in each direction: a
    token comes from a token of the other side with a probability proportional to `nearness`, and from none with NULL.
    Learnt from the examples by expectation maximisation over ROUNDS rounds, from uniform.
    """

    def __init__(self, vocabulary: int, sources: Side, targets: Side) -> None:
        assert len(sources) == len(targets), "an example has two sides"
        self._vocabulary = vocabulary
        chunks = _chunks(sources, targets)
        self._kinds_K = np.unique(np.concatenate([np.unique(self._kinds(TokenPairs.of(*chunk))) for chunk in chunks]))
        numbers_P = [self._numbers(TokenPairs.of(*chunk)) for chunk in chunks]
        self._forward_K = self._backward_K = np.full(len(self._kinds_K), 1 / vocabulary)
        for _ in range(ROUNDS):
            self._improve(chunks, numbers_P)

    def links(self, sources: Side, targets: Side, threshold: float = 0.2) -> NDArray[np.int64]:
        """For each target token, those of all examples one after the other: the place of the source token that it
        translates, or UNLINKED.

        A pair counts with the product of the two directions' posteriors (alignment by agreement; Liang, Taskar and
        Klein, 2006): the best source token is taken, the first of equals, if its product is at least `threshold`.
        """
        return np.concatenate([self._links(TokenPairs.of(*chunk), threshold) for chunk in _chunks(sources, targets)])

    def _links(self, pairs: TokenPairs, threshold: float) -> NDArray[np.int64]:
        kinds_P = self._kinds(pairs)
        number_P = np.searchsorted(self._kinds_K, kinds_P).clip(max=len(self._kinds_K) - 1)
        forward_P, backward_P = self._posteriors(pairs, number_P, self._kinds_K[number_P] == kinds_P)
        return _best_places(pairs, forward_P * backward_P, threshold)

    def _improve(self, chunks: Sequence[tuple[Side, Side]], numbers_P: Sequence[Integers]) -> None:
        """One round of expectation maximisation."""
        forward_K, backward_K = np.full((2, len(self._kinds_K)), SMOOTHING)
        for chunk, number_P in zip(chunks, numbers_P, strict=True):
            forward_P, backward_P = self._posteriors(TokenPairs.of(*chunk), number_P)
            forward_K += np.bincount(number_P, forward_P, minlength=len(forward_K))
            backward_K += np.bincount(number_P, backward_P, minlength=len(backward_K))
        source_K, target_K = np.divmod(self._kinds_K, self._vocabulary)
        self._forward_K = forward_K / np.bincount(source_K, forward_K)[source_K]
        self._backward_K = backward_K / np.bincount(target_K, backward_K)[target_K]

    def _posteriors(
        self, pairs: TokenPairs, number_P: Integers, known_P: NDArray[np.bool_] | bool = True
    ) -> tuple[Shares, Shares]:
        """How likely the target token of each pair comes from its source token, and the source token from its target
        token; 0 for a kind of pair that is not `known_P`."""
        return (
            self._shares(pairs.target_token_P, pairs.nearness_P, self._forward_K[number_P] * known_P),
            self._shares(pairs.source_token_P, pairs.nearness_P, self._backward_K[number_P] * known_P),
        )

    def _shares(self, token_P: Integers, nearness_P: Shares, p_P: Shares) -> Shares:
        """Of the pairs of one token: prior x probability, normalised, NULL's part included."""
        prior_P = (1 - NULL) * nearness_P / np.bincount(token_P, nearness_P)[token_P]
        joint_P = prior_P * p_P
        evidence = np.bincount(token_P, joint_P) + NULL / self._vocabulary
        shares_P: Shares = joint_P / evidence[token_P]
        return shares_P

    def _numbers(self, pairs: TokenPairs) -> NDArray[np.int32]:
        return np.searchsorted(self._kinds_K, self._kinds(pairs)).astype(np.int32)

    def _kinds(self, pairs: TokenPairs) -> NDArray[np.int64]:
        return pairs.source_ids_P.astype(np.int64) * self._vocabulary + pairs.target_ids_P


def _chunks(sources: Side, targets: Side) -> list[tuple[Side, Side]]:
    """Examples one after the other, at least one each, of at most CHUNK_PAIRS pairs."""
    ends_N = np.cumsum(sources.lengths * targets.lengths)
    chunks, first, taken = [], 0, 0
    while first < len(ends_N):
        last = max(first + 1, int(np.searchsorted(ends_N, taken + CHUNK_PAIRS, side="right")))
        chunks.append((sources.part(first, last), targets.part(first, last)))
        first, taken = last, int(ends_N[last - 1])
    return chunks


def _begins(sizes: Integers) -> Integers:
    begins: Integers = np.cumsum(sizes) - sizes
    return begins


def _best_places(pairs: TokenPairs, score_P: Shares, threshold: float) -> NDArray[np.int64]:
    """Of each target token: the first source place of the highest score, if that is at least `threshold`."""
    firsts = np.flatnonzero(pairs.place_P == 0)
    best_P = np.maximum.reduceat(score_P, firsts)[pairs.target_token_P]
    chosen = np.flatnonzero((score_P == best_P) & (score_P >= threshold))[::-1]
    places = np.full(len(firsts), UNLINKED)
    places[pairs.target_token_P[chosen]] = pairs.place_P[chosen]
    return places
