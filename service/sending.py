"""A reply that goes out piece by piece, and is given up where its client doesn't read it."""

import asyncio
import logging
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.description import JSON

logger = logging.getLogger("service")
PRIVATE = {"cache-control": "no-store"}
PIECE_BYTES = 1 << 16
LEAST_S = 5.0  # how long a client has to read, however late the reply is


class Reply(Response):
    """JSON, sent until `deadline` (the event loop's time) or for LEAST_S at least; then `close` is called.

    The server waits with each piece until the client has read most of what came before, so no more than that is held
    for one that doesn't, and not for ever: its connection is closed in the middle.
    """

    def __init__(self, body: bytes, deadline: float, close: Callable[[], None]) -> None:
        super().__init__(body, 200, PRIVATE, JSON)
        self._deadline, self._close = deadline, close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        until = max(self._deadline, asyncio.get_running_loop().time() + LEAST_S)
        size = len(self.body)
        try:
            async with asyncio.timeout_at(until):
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                for begin in range(0, size, PIECE_BYTES):
                    end = begin + PIECE_BYTES
                    await send({"type": "http.response.body", "body": self.body[begin:end], "more_body": end < size})
        except TimeoutError:
            logger.info("a client did not read its reply")
        finally:
            self._close()
