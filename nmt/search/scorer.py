"""The seam between search and models: search asks a scorer for the next tokens, and knows nothing else of it."""

# N rows (hypotheses), K candidates, S source tokens

from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

from torch import Tensor

from nmt.batch import Batch


class State(Protocol):
    """What a scorer remembers of N hypotheses: an immutable value whose inside is the scorer's own."""

    def select(self, rows_N: Tensor) -> Self:
        """The state of the given rows (int64), in that order; a row may be taken several times or not at all."""
        ...

    def concat(self, other: Self) -> Self:
        """The rows of this state, then those of `other`."""
        ...


StateT = TypeVar("StateT", bound=State)


class Top(NamedTuple, Generic[StateT]):
    """The best next tokens of each row, best first, equal ones in the order of their ids.

    -inf where a row has fewer; there are fewer than `k` columns where no row has as many.
    """

    tokens_NK: Tensor
    log_probabilities_NK: Tensor  # natural log, of a softmax over the whole vocabulary
    attention_NS: Tensor | None  # over real source tokens, rows sum to 1; None where the model has no attention
    state: StateT


@dataclass(frozen=True)
class Bans:
    """What rows may not say next. Log-probabilities of the rest stay as they are (no renormalising).

    `rows_P`, `tokens_P`: pairs that are forbidden. `forced_N`: the one token that a row must say, or -1 for free
    choice; a forced row has that one candidate, with its own log-probability, and -inf for the others. What is forced
    wins over what is forbidden, here or by the scorer itself.
    """

    rows_P: Tensor
    tokens_P: Tensor
    forced_N: Tensor | None = None


class Scorer(Protocol[StateT]):
    """A conditional distribution over the next token: a model, several models added up, or a table in a test."""

    def start(self, batch: Batch) -> StateT:
        """The state before the first token: one row for each source sentence."""
        ...

    def top(self, state: StateT, tokens_N: Tensor, k: int, bans: Bans | None = None) -> Top[StateT]:
        """Read `tokens_N` (BOS at first), move on, and give the `k` best next tokens of each row.

        `k` may exceed the vocabulary: then all tokens are given. `attention_NS` is what each row looked at when it
        made this distribution, so it belongs to whichever of the K tokens is chosen.
        """
        ...
