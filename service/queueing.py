"""Which waiting sentence joins the running batch next, and what may wait at all: policy, without threads or a clock."""

import math
from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from service.errors import QueueFullError

ItemT = TypeVar("ItemT")
PADDING = 8
LONGEST_RETRY_S = 30
SHORT = 1 / 8  # of all that may wait


def padded(tokens: int) -> int:
    """`tokens`, as padding in a batch makes them: the next multiple of PADDING."""
    return -(-tokens // PADDING) * PADDING


@dataclass(frozen=True)
class Waiting(Generic[ItemT]):
    """A sentence that waits since `since` (seconds). `lane` is the search that it has to join.

    It has `tokens` source tokens, and `rows` hypotheses once it runs.
    """

    item: ItemT
    lane: Hashable
    tokens: int
    rows: int
    since: float = 0.0


@dataclass(frozen=True)
class Load:
    """What runs together in one lane."""

    sentences: int = 0
    rows: int = 0
    longest: int = 0

    def joined(self, tokens: int, rows: int) -> "Load":
        return Load(self.sentences + 1, self.rows + rows, max(self.longest, tokens))

    @property
    def tokens(self) -> int:
        """Source tokens, padded to the longest sentence."""
        return self.sentences * self.longest


@dataclass(frozen=True)
class Limits:
    """What may run at once: hypotheses, padded source tokens, lanes."""

    rows: int
    tokens: int
    lanes: int


class Room:
    """What a running batch can still take. `loads` are its lanes, in the order in which they were opened.

    Nothing joins it that runs as many hypotheses as its `share`, or more.
    """

    def __init__(self, limits: Limits, loads: Mapping[Hashable, Load], share: float = math.inf) -> None:
        self._limits, self._loads, self._share = limits, dict(loads), share
        self._closing: Hashable = None

    @property
    def loads(self) -> dict[Hashable, Load]:
        """The lanes with what has joined them."""
        return dict(self._loads)

    def is_closed_to(self, lane: Hashable) -> bool:
        """Whether no sentence of this lane may join, however small."""
        if lane in self._loads:
            return lane == self._closing
        return len(self._loads) >= self._limits.lanes

    def close_oldest(self) -> None:
        """Let nothing join the lane that has been open for longest, so that it ends and makes room for another."""
        self._closing = next(iter(self._loads), None)

    def fits(self, waiting: Waiting[ItemT]) -> bool:
        """Whether there is room for it; where nothing runs, there is room for anything."""
        if not self._loads:
            return True
        load = self._loads.get(waiting.lane, Load())
        running = sum(other.rows for other in self._loads.values())
        if running >= self._share:
            return False
        rows = running + waiting.rows
        tokens = sum(other.tokens for other in self._loads.values()) - load.tokens
        tokens += load.joined(waiting.tokens, waiting.rows).tokens
        return rows <= self._limits.rows and tokens <= self._limits.tokens

    def join(self, waiting: Waiting[ItemT]) -> None:
        load = self._loads.get(waiting.lane, Load())
        self._loads[waiting.lane] = load.joined(waiting.tokens, waiting.rows)


@dataclass
class _Request(Generic[ItemT]):
    """`expected`: the padded tokens that are not yet known to be sentences; `finish`: see FairQueue."""

    expected: int
    deadline: float
    waiting: deque[Waiting[ItemT]] = field(default_factory=deque)
    tokens: int = 0
    rows: int = 0
    finish: float = 0.0


class FairQueue(Generic[ItemT]):
    """Requests are served in the order in which they would finish if all of them took turns.

    So no request ends later than if it had its fair share all the time, a short one doesn't wait for a long one that
    came before, and equally long ones are done one after the other instead of all at the end (the fair sojourn
    protocol; Friedman and Henderson, 2003). The clock of that imagined sharing is virtual: it moves on by the work
    taken, divided by the requests that wait; a request that comes at v with work w finishes at v + w.

    A request counts with the padded tokens of its sentences that wait; before they are known, with what is expected.
    At most `most_tokens` wait, or one request, however large. It keeps no short one out: to one of an eighth of
    `most_tokens` or less, no other counts as more than that.
    """

    def __init__(self, most_tokens: int) -> None:
        self._most_tokens = most_tokens
        self._requests: dict[Hashable, _Request[ItemT]] = {}
        self._virtual = 0.0

    @property
    def tokens(self) -> int:
        """Padded tokens that wait or are expected."""
        return sum(request.expected + request.tokens for request in self._requests.values())

    @property
    def rows(self) -> int:
        """Hypotheses that will run for the sentences that are ready to join."""
        return sum(request.rows for request in self._requests.values())

    @property
    def requests(self) -> int:
        """Requests of which something waits or is expected."""
        return sum(bool(request.expected or request.waiting) for request in self._requests.values())

    @property
    def sentences(self) -> int:
        """Sentences that are ready to join."""
        return sum(len(request.waiting) for request in self._requests.values())

    def admit(self, request: Hashable, expected: int, deadline: float, tokens_per_s: float = 0.0) -> None:
        """Let a request wait. Raises QueueFullError, which says when to try again if it goes on at `tokens_per_s`."""
        short = int(self._most_tokens * SHORT)
        waits = (each.expected + each.tokens for each in self._requests.values())
        waiting = sum(min(tokens, short) for tokens in waits) if expected <= short else self.tokens
        if waiting and waiting + expected > self._most_tokens:
            seconds = (waiting + expected - self._most_tokens) / tokens_per_s if tokens_per_s > 0 else 1
            raise QueueFullError(max(1, min(LONGEST_RETRY_S, round(seconds))))
        self._requests[request] = _Request(expected, deadline)

    def put(self, request: Hashable, sentences: Iterable[Waiting[ItemT]], instead_of: int = 0) -> None:
        """Let sentences wait, in this order, in place of so many tokens that were expected.

        A request that has left is passed over.
        """
        entry = self._requests.get(request)
        if entry is None:
            return
        entry.expected -= instead_of
        entry.finish = max(entry.finish, self._virtual)
        for waiting in sentences:
            entry.waiting.append(waiting)
            entry.tokens += padded(waiting.tokens)
            entry.rows += waiting.rows
            entry.finish += work_of(waiting)

    def leave(self, request: Hashable) -> None:
        """Forget a request and all of it that waits."""
        self._requests.pop(request, None)

    def take(self, room: Room, now: float) -> list[Waiting[ItemT]]:
        """The sentences that join now, as many as there is room for.

        Those of requests over their deadline are dropped. Where the next sentence doesn't fit, nothing smaller behind
        it goes first. A request whose lane can't be opened is passed over, and the oldest lane closes for its sake.
        """
        in_order = sorted(
            (entry for entry in self._requests.values() if self._still_waits(entry, now)),
            key=lambda entry: entry.finish,
        )
        if any(room.is_closed_to(entry.waiting[0].lane) for entry in in_order):
            room.close_oldest()
        taken: list[Waiting[ItemT]] = []
        active = len(in_order)
        for entry in in_order:
            while entry.waiting and not room.is_closed_to(entry.waiting[0].lane):
                if not room.fits(entry.waiting[0]):
                    return taken
                room.join(entry.waiting[0])
                taken.append(self._next(entry, active))
            active -= not entry.waiting
        return taken

    def _next(self, entry: _Request[ItemT], active: int) -> Waiting[ItemT]:
        waiting = entry.waiting.popleft()
        entry.tokens -= padded(waiting.tokens)
        entry.rows -= waiting.rows
        self._virtual += work_of(waiting) / active
        return waiting

    def _still_waits(self, entry: _Request[ItemT], now: float) -> bool:
        if entry.deadline <= now:
            entry.waiting.clear()
            entry.tokens = entry.rows = 0
        return bool(entry.waiting)


def work_of(waiting: Waiting[ItemT]) -> int:
    """How much a sentence asks of the model: hypotheses times padded tokens."""
    return waiting.rows * padded(waiting.tokens)


def alike(lengths: Iterable[int]) -> list[list[int]]:
    """Places of sentences, longest first, in groups whose shortest is more than half as long as the longest.

    Padded to its longest, a group is less than twice as large as its sentences.
    """
    groups: list[list[int]] = []
    longest = 0
    for place, length in sorted(enumerate(lengths), key=lambda pair: -pair[1]):
        if not groups or 2 * length <= longest:
            groups.append([])
            longest = length
        groups[-1].append(place)
    return groups
