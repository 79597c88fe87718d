"""The other end of a connection: whether it is still there."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from starlette.types import Receive

from service.errors import ClientLeftError

AnswerT = TypeVar("AnswerT")


async def while_connected(receive: Receive, answer: Coroutine[None, None, AnswerT]) -> AnswerT:
    """The answer; or ClientLeftError, the work on it cancelled, where the client has closed the connection before.

    The request's body must have been read.
    """
    working = asyncio.ensure_future(answer)
    leaving = asyncio.ensure_future(_closed(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientLeftError
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _closed(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
