"""The threads that decode: a thin shell around the queue and the running batches."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Protocol

from nmt.config import SearchOptions
from nmt.search import Hypothesis
from service.errors import NotReadyError
from service.lanes import News, Sentence
from service.queueing import FairQueue, Limits, Load, Room, Waiting
from service.translating import Passage, Translating
from service.warming import warm_up

logger = logging.getLogger("service")
REMEMBERED_S = 10.0
IDLE_S = 5.0  # how often a decoder without work looks whether there is something to tidy up
LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True)
class Business:
    """What waits and what runs, at one moment; `decoders` are up."""

    waiting_requests: int = 0
    waiting_sentences: int = 0
    waiting_tokens: int = 0
    lanes: int = 0
    sentences: int = 0
    rows: int = 0
    decoders: int = 0


class Running(Protocol):
    """A running batch: `Lanes`, here or in another process. One thread takes its steps; `search` is for any."""

    @property
    def is_up(self) -> bool:
        """Whether it can take steps; else it has to `begin` again."""
        ...

    @property
    def wants_step(self) -> bool:
        """Whether it needs a step though no sentence of the queue runs or joins."""
        ...

    @property
    def loads(self) -> dict[Hashable, Load]: ...

    def begin(self) -> None: ...

    def step(self, arrivals: Sequence[Waiting[Sentence]]) -> list[News]: ...

    def drop(self, requests: Collection[Hashable]) -> None: ...

    def search(
        self, translator: Translating, passages: Sequence[Passage], options: SearchOptions
    ) -> Future[list[list[Hypothesis]]]: ...

    def close(self) -> None: ...


class Decoders:
    """Take sentences from one fair queue, decode them, and report what they find.

    Each of `lanes` is a decoder, with a thread that takes its steps; what waits is shared out evenly among them, each
    within the `limits`. `report` is called on these threads with the news of a step; it must not block.
    """

    def __init__(
        self,
        queue_tokens: int,
        limits: Limits,
        report: Callable[[Sequence[News]], None],
        lanes: Sequence[Running],
    ) -> None:
        self._limits, self._report = limits, report
        self._queue: FairQueue[Sentence] = FairQueue(queue_tokens)
        self._stopping = False
        self._changed = threading.Condition()
        self._all = [_Decoder(each) for each in lanes]
        self._threads = [threading.Thread(target=self._run, args=[each], name="decoder") for each in self._all]
        for thread in self._threads:
            thread.daemon = True

    @property
    def business(self) -> Business:
        with self._changed:
            loads = [load for decoder in self._all for load in decoder.loads.values()]
            waiting = self._queue.requests, self._queue.sentences, self._queue.tokens
        sentences, rows = sum(load.sentences for load in loads), sum(load.rows for load in loads)
        return Business(*waiting, len(loads), sentences, rows, len(self._up))

    @property
    def is_alive(self) -> bool:
        """Whether texts can be decoded."""
        return bool(self._up) and any(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads after their current steps; of what waits or runs nothing is reported any more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def admit(self, request: Hashable, expected: int, deadline: float) -> None:
        """Let a request wait that has some `expected` tokens, until `deadline` (monotonic). Raises QueueFullError."""
        with self._changed:
            speed = sum(decoder.speed.tokens_per_s for decoder in self._all)
            self._queue.admit(request, expected, deadline, speed)

    def put(self, request: Hashable, sentences: Iterable[Sentence], instead_of: int = 0) -> None:
        """Let sentences of an admitted request wait, in place of so many tokens that were expected."""
        now = time.monotonic()
        waiting = [sentence.waiting(now) for sentence in sentences]
        with self._changed:
            self._queue.put(request, waiting, instead_of)
            self._changed.notify(len(waiting))

    def leave(self, request: Hashable) -> None:
        """Forget a request: what of it waits now, what of it runs before the next step."""
        with self._changed:
            self._queue.leave(request)
            for decoder in self._all:
                decoder.left.add(request)

    def warm_up(self, translator: Translating) -> None:
        """Let every decoder translate something, beside what it does; for a thread that may wait.

        Raises what decoding raises.
        """

        def everywhere(
            translator: Translating, passages: Sequence[Passage], options: SearchOptions
        ) -> list[list[Hypothesis]]:
            asked = [decoder.lanes.search(translator, passages, options) for decoder in self._all]
            with self._changed:
                self._changed.notify_all()
            found, *_ = map(self._awaited, asked)
            return found

        warm_up(translator, everywhere)

    def _awaited(self, asked: Future[list[list[Hypothesis]]]) -> list[list[Hypothesis]]:
        while not self._stopping:
            done, _ = wait([asked], IDLE_S)
            if done:
                return asked.result()
        raise NotReadyError("The service is stopping")

    @property
    def _up(self) -> list["_Decoder"]:
        return [decoder for decoder in self._all if decoder.lanes.is_up]

    def _run(self, decoder: "_Decoder") -> None:
        pause_s = 0.0
        while not self._is_stopping_within(pause_s):
            try:
                decoder.lanes.begin()
            except (EOFError, OSError) as error:
                pause_s = min(LONGEST_PAUSE_S, 2 * pause_s or 1.0)
                logger.error("no decoder could be started (%s); next try in %.0f s", type(error).__name__, pause_s)
                continue
            while decoder.lanes.is_up and self._take_step(decoder):
                pause_s = 0.0
        decoder.lanes.close()

    def _is_stopping_within(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._stopping, seconds) or self._stopping

    def _take_step(self, decoder: "_Decoder") -> bool:
        """One step, when there is something to do; False when it is time to stop."""
        arrivals = self._next_arrivals(decoder)
        if arrivals is None:
            return False
        began = time.monotonic()
        news = decoder.lanes.step(arrivals)
        decoder.loads = decoder.lanes.loads
        decoder.speed.note(sum(waiting.tokens for waiting in arrivals), began, time.monotonic())
        if news:
            self._report(news)
        return True

    def _next_arrivals(self, decoder: "_Decoder") -> list[Waiting[Sentence]] | None:
        """Wait until there is something to do; what joins the next step, or None when it is time to stop."""
        with self._changed:
            while not self._stopping:
                decoder.drop_left()
                room = Room(self._limits, decoder.loads, self._share())
                arrivals = self._queue.take(room, time.monotonic())
                decoder.loads = room.loads
                if decoder.loads or decoder.lanes.wants_step:
                    return arrivals
                self._changed.wait(IDLE_S)
            return None

    def _share(self) -> int:
        """How many hypotheses each decoder would run if what waits and what runs were dealt out evenly."""
        up = self._up
        running = sum(load.rows for decoder in up for load in decoder.loads.values())
        return -(-(self._queue.rows + running) // max(1, len(up)))


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


@dataclass
class _Decoder:
    """A running batch, what is known of it, and which requests have left it."""

    lanes: Running
    loads: dict[Hashable, Load] = field(default_factory=dict)
    left: set[Hashable] = field(default_factory=set)
    speed: Speed = field(default_factory=Speed)

    def drop_left(self) -> None:
        if self.left:
            self.lanes.drop(self.left)
            self.left.clear()
            self.loads = self.lanes.loads
