"""What the service and a decoding process say to each other: plain values, small, without tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nmt.config import SearchOptions
from nmt.search import Hypothesis, Term
from service.translating import Portable


@dataclass(frozen=True, slots=True)
class Arrival:
    """A sentence that joins. It has a `number`, and its translator has one.

    `since` is when it began to wait, in monotonic seconds, which the processes of a machine share.
    """

    number: int
    translator: int
    ids: tuple[int, ...]
    terms: tuple[Term, ...]
    options: SearchOptions
    watched: bool
    since: float


@dataclass(frozen=True, slots=True)
class Order:
    """What to do before the next step, in this order: take in translators, drop sentences, let others join.

    After the step some translators are forgotten. The new ones' weights follow through the pipe, each as bytes.
    """

    arrivals: Sequence[Arrival] = ()
    dropped: Sequence[int] = ()
    translators: Mapping[int, Portable] = field(default_factory=dict)
    forgotten: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class FoundReply:
    """The search for a sentence has ended. Times are in seconds."""

    number: int
    hypotheses: Sequence[Hypothesis]
    waited_s: float
    decoded_s: float


@dataclass(frozen=True, slots=True)
class FailedReply:
    """It can't go on: for a `mistake` that the user can mend, or for a `fault`, its kind and where it was raised."""

    number: int
    mistake: str | None
    fault: str


@dataclass(frozen=True, slots=True)
class SaidReply:
    """What the best row of a watched sentence has said so far, in token ids."""

    number: int
    tokens: tuple[int, ...]


Reply: TypeAlias = FoundReply | FailedReply | SaidReply


def as_bytes(array: NDArray[Any]) -> memoryview:
    """The memory of a contiguous array, without a copy."""
    return array.reshape(-1).view(np.uint8).data
