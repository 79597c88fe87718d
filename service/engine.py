"""Texts in, translations out: prepared aside, decoded together, finished aside, never on the event loop."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar

from nmt.translation import Translation
from service.decoding import Business, Decoders, Running
from service.errors import NotReadyError
from service.job import Job, Text
from service.lanes import Found, News
from service.queueing import Limits
from service.translating import Translating

ResultT = TypeVar("ResultT")
HELPERS = 2
logger = logging.getLogger("service")


class Watching(Protocol):
    """What wants to know how long things take."""

    def passed(self, stage: str, seconds: float) -> None: ...


class Engine:
    """The decoders, the helpers that prepare and finish, and the requests that are on their way.

    There is a decoder for each of `lanes`. What is not said to be for any thread is for the event loop only.
    """

    def __init__(self, queue_tokens: int, limits: Limits, watching: Watching, lanes: Sequence[Running]) -> None:
        self._decoders = Decoders(queue_tokens, limits, self._report, lanes)
        self._watching = watching
        self._helpers = ThreadPoolExecutor(HELPERS, thread_name_prefix="helper")
        self._jobs: dict[int, Job] = {}
        self._numbers = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = False

    @property
    def business(self) -> Business:
        """What waits and what runs."""
        return self._decoders.business

    @property
    def is_alive(self) -> bool:
        """Whether texts can be decoded."""
        return self._decoders.is_alive and not self._stopped

    def start(self) -> None:
        """Begin to decode, for the event loop that this is called on."""
        self._loop = asyncio.get_running_loop()
        self._decoders.start()

    async def stop(self) -> None:
        """End the threads. Requests that are still on their way fail with NotReadyError."""
        self._stopped = True
        for job in list(self._jobs.values()):
            job.fail(NotReadyError("The service is stopping"))
        await asyncio.to_thread(self._decoders.stop)
        await asyncio.to_thread(partial(self._helpers.shutdown, cancel_futures=True))

    def job(self, texts: Sequence[Text], time_left_s: float, *, watched: bool = False) -> Job:
        """A request, admitted to the queue; use it in a `with`, whose end drops what has not been done.

        Raises QueueFullError, and NotReadyError while stopping.
        """
        if self._stopped:
            raise NotReadyError("The service is stopping")
        self._numbers += 1
        job = Job(self._numbers, texts, self, watched=watched)
        self._decoders.admit(job.number, sum(text.expected_tokens for text in texts), time.monotonic() + time_left_s)
        self._jobs[job.number] = job
        return job

    async def translate(self, texts: Sequence[Text], time_left_s: float) -> list[Translation]:
        """One translation for each text, in order. Raises what `job` raises, and what the translators raise."""
        with self.job(texts, time_left_s) as job:
            await job.prepare()
            return await job.finish()

    async def aside(self, function: Callable[[], ResultT], stage: str | None = None) -> ResultT:
        """The function's result, from a helper's thread."""
        loop = asyncio.get_running_loop()
        if stage is None:
            return await loop.run_in_executor(self._helpers, function)
        seconds, result = await loop.run_in_executor(self._helpers, _timed, function)
        self._watching.passed(stage, seconds)
        return result

    def warm_up(self, translator: Translating) -> None:
        """Let every decoder use it once; returns when they have. For any thread but the event loop's."""
        self._decoders.warm_up(translator)

    @property
    def decoders(self) -> Decoders:
        """For jobs, to let their sentences wait."""
        return self._decoders

    def leave(self, job: Job) -> None:
        """Drop whatever of a job has not been done."""
        if self._jobs.pop(job.number, None) is not None:
            self._decoders.leave(job.number)

    def _report(self, news: Sequence[News]) -> None:
        """On a decoding thread: hand over to the event loop."""
        assert self._loop is not None, "an engine decodes after its start"
        try:
            self._loop.call_soon_threadsafe(self._hand_out, news)
        except RuntimeError:
            logger.warning("translations were left over when the event loop had closed")

    def _hand_out(self, news: Sequence[News]) -> None:
        for each in news:
            if isinstance(each, Found):
                self._watching.passed("wait", each.waited_s)
                self._watching.passed("decode", each.decoded_s)
            job = self._jobs.get(each.sentence.request) if isinstance(each.sentence.request, int) else None
            if job is not None:
                job.receive(each)


def _timed(function: Callable[[], ResultT]) -> tuple[float, ResultT]:
    began = time.monotonic()
    result = function()
    return time.monotonic() - began, result
