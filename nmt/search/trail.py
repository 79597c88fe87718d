"""Back-pointers: what a sentence's beam did at each step, and a hypothesis rebuilt from it."""

# B sentences, R rows of each before the step, K after it, T target tokens, S source tokens

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from nmt.search.hypothesis import Hypothesis
from nmt.search.penalty import rank_score
from nmt.search.terms import NO_TERM
from nmt.search.update import Candidates
from nmt.vocabulary import EOS


@dataclass(frozen=True)
class Step:
    """One step of all sentences that ran together: the rows after it, and what the rows before it looked at.

    `terms_BR`: the term that the row's next token belongs to, or NO_TERM; None where no sentence has terms.
    """

    parents_BK: NDArray[np.int64]
    tokens_BK: NDArray[np.int64]
    log_probabilities_BK: NDArray[np.floating]
    attention_BRS: NDArray[np.float32] | None
    terms_BR: NDArray[np.int64] | None = None

    @classmethod
    def of(cls, living: Candidates, attention_NS: Tensor | None, terms_N: NDArray[np.int64] | None = None) -> "Step":
        attention_BRS = None
        if attention_NS is not None:
            sentences, source_tokens = len(living.tokens_BK), attention_NS.shape[1]
            attention_BRS = attention_NS.float().reshape(sentences, -1, source_tokens).numpy(force=True)
        return cls(
            living.parents_BK.numpy(force=True),
            living.tokens_BK.numpy(force=True),
            living.log_probabilities_BK.numpy(force=True),
            attention_BRS,
            None if terms_N is None else terms_N.reshape(len(living.tokens_BK), -1),
        )


@dataclass(frozen=True)
class Ended:
    """A hypothesis that said EOS: its length (EOS counted) and the row that said it.

    `log_probability` is EOS's own, `score` that of the whole hypothesis.
    """

    length: int
    parent: int
    log_probability: float
    score: float


@dataclass
class Sentence:
    """A source sentence on its way through the search. `trail`: each step and the sentence's place in it."""

    ticket: int
    source_length: int
    limit: int
    prefix: tuple[int, ...] = ()
    trail: list[tuple[Step, int]] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)

    def best(self, count: int, alpha: float) -> list[Hypothesis]:
        """The `count` best of the ended hypotheses, best first; equal ones in the order of their tokens."""
        if not self.ended:
            return []
        ranks = [rank_score(ended.score, ended.length, alpha) for ended in self.ended]
        lowest = sorted(ranks, reverse=True)[:count][-1]
        found = [self._rebuilt(ended, alpha) for ended, rank in zip(self.ended, ranks, strict=True) if rank >= lowest]
        found.sort(key=lambda hypothesis: (-hypothesis.rank_score, hypothesis.tokens))
        return found[:count]

    def _rebuilt(self, ended: Ended, alpha: float) -> Hypothesis:
        """Follow the parents back from the end to the beginning."""
        tokens, log_probabilities, rows = [EOS], [ended.log_probability], [ended.parent]
        steps = self.trail[: ended.length]
        for step, place in reversed(steps[:-1]):
            row = rows[-1]
            tokens.append(int(step.tokens_BK[place, row]))
            log_probabilities.append(float(step.log_probabilities_BK[place, row]))
            rows.append(int(step.parents_BK[place, row]))
        tokens.reverse()
        log_probabilities.reverse()
        rows.reverse()
        return Hypothesis(
            tuple(tokens),
            tuple(log_probabilities),
            rank_score(sum(log_probabilities), len(tokens), alpha),
            self._attention(steps, rows),
            self._terms(steps, rows),
        )

    def best_living(self) -> tuple[int, ...]:
        """What the best living row has said."""
        tokens, row = [], 0
        for step, place in reversed(self.trail):
            tokens.append(int(step.tokens_BK[place, row]))
            row = int(step.parents_BK[place, row])
        return tuple(reversed(tokens))

    def _attention(self, steps: list[tuple[Step, int]], rows: list[int]) -> NDArray[np.float32] | None:
        """What each step's row looked at, over this sentence's own source tokens."""
        looked = [
            step.attention_BRS[place, row, : self.source_length]
            for (step, place), row in zip(steps, rows, strict=True)
            if step.attention_BRS is not None
        ]
        return np.stack(looked) if looked else None

    def _terms(self, steps: list[tuple[Step, int]], rows: list[int]) -> tuple[int, ...]:
        """The term that each token belongs to; nothing where no sentence had terms, or this one said none."""
        terms = [
            NO_TERM if step.terms_BR is None else int(step.terms_BR[place, row])
            for (step, place), row in zip(steps, rows, strict=True)
        ]
        return () if all(term == NO_TERM for term in terms) else tuple(terms)
