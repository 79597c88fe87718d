"""Terms that a target has to say: each exactly as given, where attention rests on the words that it stands for."""

# B sentences, R rows of each, N = B R rows, S source tokens, K candidates

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from nmt.search.scorer import StateT, Top
from nmt.vocabulary import EOS

NO_TERM = -1
ATTENTIVE = 0.5
"""Share of a step's attention on a term's source tokens that lets the row begin the term."""


@dataclass(frozen=True)
class Term:
    """`tokens` stand for the source tokens `first` up to before `last`.

    An `exclusive` term's first token is said for the term alone, nowhere else in the target.
    """

    first: int
    last: int
    tokens: tuple[int, ...]
    exclusive: bool = False


@dataclass(frozen=True)
class Promise:
    """What one hypothesis owes: the terms it has not begun, and how far it is in the one that it is saying."""

    terms: tuple[Term, ...]
    unsaid: tuple[int, ...]
    saying: int = NO_TERM
    said: int = 0  # tokens of the term `saying`

    @classmethod
    def of(cls, terms: Sequence[Term], prefix: Sequence[int] = ()) -> "Promise":
        """All terms are owed but those that `prefix` says, each occurrence for one of them; exclusive ones always."""
        unsaid, left = [], list(prefix)
        for index, term in enumerate(terms):
            size = len(term.tokens)
            at = next((at for at in range(len(left)) if tuple(left[at : at + size]) == term.tokens), None)
            if at is None or term.exclusive:
                unsaid.append(index)
            else:
                left[at : at + size] = [NO_TERM] * size
        return cls(tuple(terms), tuple(unsaid))

    @property
    def next_token(self) -> int | None:
        """The token that has to come next; None between terms."""
        return None if self.saying == NO_TERM else self.terms[self.saying].tokens[self.said]

    @property
    def owed(self) -> int:
        """How many tokens it takes to keep the promise, the end not counted."""
        begun = 0 if self.saying == NO_TERM else len(self.terms[self.saying].tokens) - self.said
        return begun + sum(len(self.terms[index].tokens) for index in self.unsaid)

    def beginning(self, index: int) -> "Promise":
        """Term `index` is begun: its first token comes next."""
        return replace(self, unsaid=tuple(other for other in self.unsaid if other != index), saying=index, said=0)

    def stepped(self) -> "Promise":
        """One token later."""
        if self.saying == NO_TERM:
            return self
        if self.said + 1 < len(self.terms[self.saying].tokens):
            return replace(self, said=self.said + 1)
        return replace(self, saying=NO_TERM, said=0)

    def due(self, attention_S: NDArray[np.float32] | None, best_token: int, room: int) -> int:
        """The term that has to begin now, or NO_TERM.

        It is the one that most attention rests on, where that is ATTENTIVE or more; or one that the row would begin
        by itself; or the first that is left, where the row would end or `room`, the tokens it may still say with the
        end, is needed for what it owes.
        """
        if self.saying != NO_TERM or not self.unsaid:
            return NO_TERM
        shares = {index: self._share(index, attention_S) for index in self.unsaid}
        most = max(self.unsaid, key=lambda index: shares[index])
        if shares[most] >= ATTENTIVE:
            return most
        begun = [index for index in self.unsaid if self.terms[index].tokens[0] == best_token]
        if begun:
            return max(begun, key=lambda index: shares[index])
        return self.unsaid[0] if best_token == EOS or room <= self.owed + 1 else NO_TERM

    def forbidden(self) -> set[int]:
        """What a row that chooses freely may not say: first tokens of exclusive terms, and the end while it owes."""
        tokens = {term.tokens[0] for term in self.terms if term.exclusive}
        return tokens | {EOS} if self.unsaid else tokens

    def _share(self, index: int, attention_S: NDArray[np.float32] | None) -> float:
        term = self.terms[index]
        return 0.0 if attention_S is None else float(attention_S[term.first : term.last].sum())


def begun(
    promises_N: Sequence[Promise | None],
    attention_NS: NDArray[np.float32] | None,
    best_N: NDArray[np.int64],
    rooms_N: NDArray[np.int64],
    led_N: NDArray[np.bool_],
) -> list[Promise | None]:
    """The promises of N rows with the terms begun that are due, after a look at what each row would do by itself.

    Rows that are led anyway (along a prefix, say) begin none.
    """

    def look(row: int, promise: Promise) -> Promise:
        due = promise.due(None if attention_NS is None else attention_NS[row], int(best_N[row]), int(rooms_N[row]))
        return promise if due == NO_TERM else promise.beginning(due)

    return [promise if promise is None or led_N[row] else look(row, promise) for row, promise in enumerate(promises_N)]


def without_forbidden(top: Top[StateT], promises_N: Sequence[Promise | None], led_N: NDArray[np.bool_]) -> Top[StateT]:
    """`top` where rows that choose freely leave out what their promises forbid, and terms count as certain."""
    log_probabilities_NK = top.log_probabilities_NK.clone()
    for row, promise in enumerate(promises_N):
        if promise is None:
            continue
        if promise.saying != NO_TERM:
            log_probabilities_NK[row, 0] = 0.0  # its one candidate
        for token in () if led_N[row] or promise.saying != NO_TERM else promise.forbidden():
            log_probabilities_NK[row][top.tokens_NK[row] == token] = -torch.inf
    return top._replace(log_probabilities_NK=log_probabilities_NK)


def next_tokens(promises_N: Sequence[Promise | None], free: int) -> NDArray[np.int64]:
    """[N]: the token that each row's term goes on with, `free` where there is none."""
    tokens = [None if promise is None else promise.next_token for promise in promises_N]
    return np.array([free if token is None else token for token in tokens], dtype=np.int64)


def saying(promises_N: Sequence[Promise | None]) -> NDArray[np.int64]:
    """[N]: the term that each row's next token belongs to, or NO_TERM."""
    return np.array([NO_TERM if promise is None else promise.saying for promise in promises_N], dtype=np.int64)
