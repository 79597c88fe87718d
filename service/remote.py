"""A running batch in another process: the same as `Lanes`, at the other end of a pipe."""

import itertools
import logging
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TypeAlias, TypeVar
from weakref import WeakKeyDictionary, finalize

import numpy as np
from numpy.typing import NDArray

from nmt.config import SearchOptions
from nmt.errors import InputError
from nmt.search import Hypothesis
from service.errors import DecoderLostError
from service.lanes import Failed, Found, News, Said, Sentence
from service.messages import Arrival, FailedReply, FoundReply, Order, Reply, as_bytes
from service.queueing import Load, Waiting
from service.translating import Portable, Searched, Searching

ItemT = TypeVar("ItemT")
Start: TypeAlias = Callable[[], Connection]
logger = logging.getLogger("service")
MOST_LOSSES = 2


class DecodingError(Exception):
    """A fault in a decoding process; the log has its kind and where it was raised."""


class RemoteLanes:
    """`Lanes` in a process of their own. `start` starts one and gives its pipe; `when_lost` is told that one has ended.

    Then another takes its place, and what ran is decoded anew; a sentence that has been lost MOST_LOSSES times fails
    with DecoderLostError, for it may be the cause. A translator is sent with its first sentence, and forgotten over
    there when it is gone here.
    """

    def __init__(self, start: Start, when_lost: Callable[[], None] = lambda: None) -> None:
        self.pid: int | None = None
        self._start, self._when_lost = start, when_lost
        self._pipe: Connection | None = None
        self._numbers = itertools.count()
        self._running: dict[int, _Running] = {}
        self._lanes: dict[Hashable, dict[int, _Running]] = {}
        self._known: WeakKeyDictionary[Searching, int] = WeakKeyDictionary()
        self._unsent: list[int] = []
        self._dropped: list[int] = []
        self._forgotten: SimpleQueue[int] = SimpleQueue()
        self._asked: SimpleQueue[list[Sentence]] = SimpleQueue()

    @property
    def is_up(self) -> bool:
        return self._pipe is not None

    @property
    def wants_step(self) -> bool:
        """Whether there is something to tell the process, or it has ended."""
        has_orders = bool(self._dropped) or not (self._asked.empty() and self._forgotten.empty())
        return has_orders or (self._pipe is not None and self._pipe.poll())

    @property
    def loads(self) -> dict[Hashable, Load]:
        """What runs in each lane, in the order in which they were opened."""
        return {key: _load(running.values()) for key, running in self._lanes.items()}

    def begin(self) -> None:
        """Start a process, and wait until it is ready. Raises OSError or EOFError where that fails."""
        try:
            self._pipe = self._start()
            self.pid = self._pipe.recv()
        except (EOFError, OSError):
            self.close()
            for sentence in self._next_asked():
                self._delivered(Failed(sentence, DecoderLostError()))
            raise

    def close(self) -> None:
        """Let the process end."""
        if self._pipe is not None:
            self._pipe.close()
        self._pipe = self.pid = None
        self._known.clear()
        self._dropped.clear()

    def search(
        self, translator: Searching, passages: Sequence[Searched], options: SearchOptions
    ) -> Future[list[list[Hypothesis]]]:
        """What is found, apart from the queue: these sentences join the next step. For any thread."""
        aside = _Aside(len(passages))
        places = enumerate(passages)
        self._asked.put([Sentence(aside, (0, place), passage, translator, options) for place, passage in places])
        return aside.found

    def step(self, arrivals: Sequence[Waiting[Sentence]]) -> list[News]:
        """Let sentences join, then take a step with all."""
        now = time.monotonic()
        for waiting in [*arrivals, *(sentence.waiting(now) for sentence in self._next_asked())]:
            self._join(waiting)
        news: list[News] = []
        while self._pipe is not None:
            try:
                news += self._exchange(self._pipe)
                break
            except (EOFError, OSError):
                news += self._start_again()
        return [each for each in news if not self._delivered(each)]

    def drop(self, requests: Collection[Hashable]) -> None:
        """Forget all sentences of these requests."""
        for number, running in list(self._running.items()):
            if running.waiting.item.request in requests:
                self._leave(number)
                self._dropped.append(number)

    def _exchange(self, pipe: Connection) -> list[News]:
        """Send what is new, and receive what came of the step."""
        translators: dict[int, Portable] = {}
        weights: list[NDArray[np.float32]] = []
        try:
            arrivals = [
                self._arrival(number, translators, weights) for number in self._unsent if number in self._running
            ]
        except Exception as error:
            self._known.clear()
            return [Failed(self._leave(number), error) for number in self._unsent]
        pipe.send(Order(arrivals, self._dropped, translators, _all_of(self._forgotten)))
        for array in weights:
            pipe.send_bytes(as_bytes(array))
        self._unsent, self._dropped = [], []
        replies: list[Reply] = pipe.recv()
        faults = {reply.fault for reply in replies if isinstance(reply, FailedReply) and reply.mistake is None}
        for fault in sorted(faults):
            logger.error("decoding failed: %s", fault)
        return [self._news(reply) for reply in replies]

    def _arrival(self, number: int, translators: dict[int, Portable], weights: list[NDArray[np.float32]]) -> Arrival:
        running = self._running[number]
        sentence = running.waiting.item
        translator, passage = sentence.translator, sentence.passage
        known = self._known.get(translator)
        if known is None:
            known = self._known[translator] = next(self._numbers)
            translators[known] = translator.portable()
            weights += translator.weights()
            finalize(translator, self._forgotten.put, known).atexit = False
        terms, since = tuple(passage.terms), running.waiting.since
        return Arrival(number, known, tuple(passage.ids), terms, sentence.options, sentence.watched, since)

    def _news(self, reply: Reply) -> News:
        if isinstance(reply, FoundReply):
            return Found(self._leave(reply.number), reply.hypotheses, reply.waited_s, reply.decoded_s)
        if isinstance(reply, FailedReply):
            error = DecodingError("see the log") if reply.mistake is None else InputError(reply.mistake)
            return Failed(self._leave(reply.number), error)
        return Said(self._running[reply.number].waiting.item, reply.tokens)

    def _start_again(self) -> list[News]:
        """Another process for the one that has ended, with what ran there: what fails, for that or for its part in it.

        Where none can be started all fails, and this is not up any more.
        """
        logger.error("the decoding process %s has ended; %d sentences were running", self.pid, len(self._running))
        self._when_lost()
        self.close()
        for running in self._running.values():
            running.losses += 1
        try:
            self.begin()
            lost = [number for number, running in self._running.items() if running.losses >= MOST_LOSSES]
        except (EOFError, OSError):
            lost = list(self._running)
        failed: list[News] = [Failed(self._leave(number), DecoderLostError()) for number in lost]
        self._unsent = list(self._running)
        return failed

    def _join(self, waiting: Waiting[Sentence]) -> None:
        number = next(self._numbers)
        self._running[number] = self._lanes.setdefault(waiting.lane, {})[number] = _Running(waiting)
        self._unsent.append(number)

    def _leave(self, number: int) -> Sentence:
        waiting = self._running.pop(number).waiting
        lane = self._lanes[waiting.lane]
        del lane[number]
        if not lane:
            del self._lanes[waiting.lane]
        return waiting.item

    def _next_asked(self) -> list[Sentence]:
        return [sentence for sentences in _all_of(self._asked) for sentence in sentences]

    def _delivered(self, news: News) -> bool:
        """Whether it was for whom `search` has promised it to."""
        aside = news.sentence.request
        if not isinstance(aside, _Aside):
            return False
        aside.note(news)
        return True


@dataclass
class _Running:
    """A sentence that runs, and how many processes have ended meanwhile."""

    waiting: Waiting[Sentence]
    losses: int = 0


class _Aside:
    """Some sentences that are searched for together, apart from the queue."""

    def __init__(self, sentences: int) -> None:
        self.found: Future[list[list[Hypothesis]]] = Future()
        self._hypotheses: dict[int, list[Hypothesis]] = {}
        self._sentences = sentences

    def note(self, news: News) -> None:
        if self.found.done():
            return
        if isinstance(news, Failed):
            self.found.set_exception(news.error)
        elif isinstance(news, Found):
            _, place = news.sentence.place
            self._hypotheses[place] = list(news.hypotheses)
            if len(self._hypotheses) == self._sentences:
                self.found.set_result([self._hypotheses[place] for place in range(self._sentences)])


def _load(all_running: Iterable[_Running]) -> Load:
    load = Load()
    for running in all_running:
        load = load.joined(running.waiting.tokens, running.waiting.rows)
    return load


def _all_of(queue: "SimpleQueue[ItemT]") -> list[ItemT]:
    """Everything that is in the queue now. For its only reader."""
    return [queue.get() for _ in range(queue.qsize())]
