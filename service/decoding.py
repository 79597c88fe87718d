"""The thread that decodes: a thin shell around the queue and the running batch."""

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from service.lanes import Lanes, News, Sentence
from service.queueing import FairQueue, Limits, Load, Room, Waiting

REMEMBERED_S = 10.0


@dataclass(frozen=True)
class Business:
    """What waits and what runs, at one moment."""

    waiting_requests: int = 0
    waiting_sentences: int = 0
    waiting_tokens: int = 0
    lanes: int = 0
    sentences: int = 0
    rows: int = 0


class Decoder:
    """Takes sentences from a fair queue, decodes them all together, and reports what it finds.

    `report` is called on the decoding thread with the news of a step; it must not block. `begin` is called once, when
    that thread has started.
    """

    def __init__(
        self,
        queue_tokens: int,
        limits: Limits,
        report: Callable[[Sequence[News]], None],
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        self._limits, self._report, self._begin = limits, report, begin
        self._queue: FairQueue[Sentence] = FairQueue(queue_tokens)
        self._left: set[Hashable] = set()
        self._loads: dict[Hashable, Load] = {}
        self._speed = Speed()
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="decoder", daemon=True)

    @property
    def business(self) -> Business:
        with self._changed:
            loads = list(self._loads.values())
            waiting = self._queue.requests, self._queue.sentences, self._queue.tokens
        sentences, rows = sum(load.sentences for load in loads), sum(load.rows for load in loads)
        return Business(*waiting, len(loads), sentences, rows)

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread after its current step; of what waits or runs nothing is reported any more."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def admit(self, request: Hashable, expected: int, deadline: float) -> None:
        """Let a request wait that has some `expected` tokens, until `deadline` (monotonic). Raises QueueFullError."""
        with self._changed:
            self._queue.admit(request, expected, deadline, self._speed.tokens_per_s)

    def put(self, request: Hashable, sentences: Iterable[Sentence], instead_of: int = 0) -> None:
        """Let sentences of an admitted request wait, in place of so many tokens that were expected."""
        now = time.monotonic()
        with self._changed:
            self._queue.put(request, [sentence.waiting(now) for sentence in sentences], instead_of)
            self._changed.notify()

    def leave(self, request: Hashable) -> None:
        """Forget a request: what of it waits now, what of it runs before the next step."""
        with self._changed:
            self._queue.leave(request)
            self._left.add(request)
            self._changed.notify()

    def _run(self) -> None:
        self._begin()
        lanes = Lanes()
        while self._take_step(lanes):
            pass

    def _take_step(self, lanes: Lanes) -> bool:
        """One step, when there is something to do; False when it is time to stop."""
        arrivals = self._next_arrivals(lanes)
        if arrivals is None:
            return False
        began = time.monotonic()
        news = lanes.step(arrivals)
        self._loads = lanes.loads
        self._speed.note(sum(waiting.tokens for waiting in arrivals), began, time.monotonic())
        if news:
            self._report(news)
        return True

    def _next_arrivals(self, lanes: Lanes) -> list[Waiting[Sentence]] | None:
        """Wait until there is something to do; what joins the next step, or None when it is time to stop."""
        with self._changed:
            while not self._stopping:
                self._drop_left(lanes)
                room = Room(self._limits, self._loads)
                arrivals = self._queue.take(room, time.monotonic())
                self._loads = room.loads
                if self._loads:
                    return arrivals
                self._changed.wait()
            return None

    def _drop_left(self, lanes: Lanes) -> None:
        if self._left:
            lanes.drop(self._left)
            self._left.clear()
            self._loads = lanes.loads


class Speed:
    """How many source tokens a second have been taken from the queue lately, while there was work."""

    def __init__(self) -> None:
        self._tokens = self._seconds = 0.0

    @property
    def tokens_per_s(self) -> float:
        return self._tokens / self._seconds if self._seconds > 0 else 0.0

    def note(self, tokens: int, began: float, ended: float) -> None:
        """`tokens` were taken into a step of this length; what is older than REMEMBERED_S fades."""
        seconds = ended - began
        kept = max(0.0, 1 - seconds / REMEMBERED_S)
        self._tokens = self._tokens * kept + tokens
        self._seconds = self._seconds * kept + seconds
