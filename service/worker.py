"""One thread that owns the model; the event loop hands it work and never waits on it."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol

from nmt.config import SearchOptions
from nmt.errors import NmtError
from nmt.translation import Translation
from service.errors import NotReadyError, QueueFullError, RequestTimeoutError
from service.languages import ServedDirection

logger = logging.getLogger("service")
WorkerState = Literal["loading", "warming up", "ready", "failed", "draining"]
WARM_UP_TEXT = "Good morning."


class Translating(Protocol):
    """What serving needs of a translator. It is only ever called on the worker's thread."""

    @property
    def name(self) -> str: ...

    @property
    def directions(self) -> Sequence[ServedDirection]: ...

    def translate_batch(
        self, texts: Sequence[str], *, source: str | None = None, target: str, options: SearchOptions = ...
    ) -> list[Translation]: ...


@dataclass(frozen=True)
class Work:
    """Texts to translate in one direction. `limit_s` is the time for it, in seconds, waiting included."""

    texts: tuple[str, ...]
    source: str
    target: str
    options: SearchOptions
    limit_s: float


class Worker:
    """Loads the model in the background, warms it up, then translates one piece of work after the other.

    `load` makes the translator, on the worker's thread; `when_settled` is called once, on the event loop, when the
    state has become "ready" or "failed".
    """

    def __init__(
        self,
        load: Callable[[], Translating],
        queue_limit: int,
        when_settled: Callable[["Worker"], None] = lambda worker: None,
    ) -> None:
        self.state: WorkerState = "loading"
        self.error: Exception | None = None
        self.seconds_to_ready: float | None = None
        self._load, self._queue_limit, self._when_settled = load, queue_limit, when_settled
        self._translator: Translating | None = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="translator")
        self._given: set[Future[list[Translation]]] = set()
        self._began = time.monotonic()

    @property
    def translator(self) -> Translating:
        """Raises NotReadyError unless the model can be used now."""
        if self.state != "ready" or self._translator is None:
            raise NotReadyError(self.explanation)
        return self._translator

    @property
    def explanation(self) -> str:
        """The state in a sentence that shows nothing of the inside."""
        if self.state == "failed":
            return f"The model could not be loaded: {self.error if isinstance(self.error, NmtError) else 'see the log'}"
        if self.state in ("loading", "warming up"):
            return f"The model is {self.state} ({time.monotonic() - self._began:.0f} s so far), try again soon"
        return f"The service is {self.state}"

    @property
    def waiting(self) -> int:
        """Pieces of work that have not begun."""
        return sum(not (future.running() or future.done()) for future in self._given)

    async def run(self) -> None:
        """Load and warm up; returns when the state has settled."""
        loop = asyncio.get_running_loop()
        try:
            self._translator = await loop.run_in_executor(self._executor, self._load)
            self._become("warming up")
            await loop.run_in_executor(self._executor, _warm_up, self._translator)
        except Exception as error:
            self.state, self.error = "failed", error
            logger.error("%s", self.explanation, exc_info=None if isinstance(error, NmtError) else error)
        else:
            self.seconds_to_ready = time.monotonic() - self._began
            self._become("ready")
        self._when_settled(self)

    async def translate(self, work: Work) -> list[Translation]:
        """One translation for each text, in order.

        Raises NotReadyError, QueueFullError, RequestTimeoutError, and whatever the translator raises. Work whose
        caller is cancelled or out of time is dropped where it has not begun, else finished for nobody.
        """
        translator = self.translator
        self._given = {future for future in self._given if not future.done()}
        if len(self._given) > self._queue_limit:
            raise QueueFullError
        future = self._executor.submit(_translate, translator, work)
        self._given.add(future)
        try:
            async with asyncio.timeout(work.limit_s):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise RequestTimeoutError(work.limit_s) from None

    def _become(self, state: WorkerState) -> None:
        if self.state != "draining":
            self.state = state

    def drain(self) -> None:
        """Refuse new work; what was given before goes on."""
        self.state = "draining"

    async def stop(self) -> None:
        """Drain, then wait for the thread to end; work that has not begun is dropped."""
        self.drain()
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)


def _warm_up(translator: Translating) -> None:
    for direction in translator.directions:
        translator.translate_batch([WARM_UP_TEXT], source=direction.source, target=direction.target)


def _translate(translator: Translating, work: Work) -> list[Translation]:
    return translator.translate_batch(work.texts, source=work.source, target=work.target, options=work.options)
