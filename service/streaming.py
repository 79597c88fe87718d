"""A translation as server-sent events: each sentence as it grows, and in the end the whole reply."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from nmt.errors import NmtError
from nmt.translation import Translation
from service.connection import while_connected
from service.engine import Engine
from service.errors import INTERNAL, ClientLeftError, RequestTimeoutError, status_of
from service.job import Job, Piece
from service.replies import encoded

logger = logging.getLogger("service")
HEADERS = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no"}
LAST_WORD_S = 1.0  # how long to wait for a client to take the event that says what went wrong


def event(name: str, data: object) -> bytes:
    """One event, its data as JSON."""
    return as_event(name, encoded(data))


def as_event(name: str, data: bytes) -> bytes:
    """One event, of JSON on one line."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)


async def events(
    job: Job, engine: Engine, reply: Callable[[list[Translation]], Awaitable[bytes]]
) -> AsyncIterator[bytes]:
    """`partial` and `segment` as they come, then `done` with what `reply` gives. What goes wrong is raised.

    `job` is watched and has been prepared. A reader that is slow misses partial ones, nothing else.
    """
    shown: dict[tuple[int, int], str] = {}
    while pieces := await job.pieces():
        texts = await engine.aside(partial(_texts, job, pieces))
        for piece, text in zip(pieces, texts, strict=True):
            if piece.is_done:
                yield event("segment", _segment(job, piece, text))
            elif shown.get(piece.place) != text:
                index, place = piece.place
                yield event("partial", {"text_index": index, "index": place, "text": text})
            shown[piece.place] = text
    yield as_event("done", await reply(await job.finish()))


class EventStream(Response):
    """Sends events until `deadline` (the event loop's time), or until the client has left; then calls `close`.

    What goes wrong is the last event, and `note` is told of it.
    """

    def __init__(
        self,
        events: AsyncIterator[bytes],
        deadline: float,
        limit_s: float,
        close: Callable[[], None],
        note: Callable[[NmtError], None],
    ) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._events, self._deadline, self._limit_s = events, deadline, limit_s
        self._close, self._note = close, note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await while_connected(receive, self._send_all(send))
        except ClientLeftError as error:
            self._note(error)
        finally:
            self._close()

    async def _send_all(self, send: Send) -> None:
        try:
            async with asyncio.timeout_at(self._deadline):
                async for chunk in self._events:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except TimeoutError:
            await self._end(send, RequestTimeoutError(self._limit_s))
        except NmtError as error:
            await self._end(send, error)
            if status_of(error) == 500:
                raise
        except Exception:
            await self._end(send, None)
            raise
        else:
            await send({"type": "http.response.body", "body": b""})

    async def _end(self, send: Send, error: NmtError | None) -> None:
        """Let go of the work, then say what went wrong, if the client listens."""
        self._close()
        if error is not None:
            self._note(error)
        message = INTERNAL if error is None or status_of(error) == 500 else str(error)
        try:
            async with asyncio.timeout(LAST_WORD_S):
                await send({"type": "http.response.body", "body": event("error", {"error": message})})
        except TimeoutError:
            logger.info("a client stopped reading its stream")


def _texts(job: Job, pieces: list[Piece]) -> list[str]:
    return [job.draft(piece.place[0]).segment_text(piece.place[1], piece.tokens) for piece in pieces]


def _segment(job: Job, piece: Piece, text: str) -> dict[str, Any]:
    index, place = piece.place
    passage = job.draft(index).passages[place]
    source = {"start": passage.start, "end": passage.end}
    return {"text_index": index, "index": place, "source": source, "translatedText": text}
