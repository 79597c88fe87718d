"""A reply arrives whole; one that nobody reads is given up."""

import asyncio
from typing import Any

import pytest

from service.sending import PIECE_BYTES, Reply

Message = dict[str, Any]


def sent(body: bytes, *, deaf_after: int | None = None, deadline_s: float = 60.0) -> tuple[list[Message], bool]:
    """The messages that got through, and whether it was closed. The client reads so many of them."""
    messages: list[Message] = []
    closed: list[bool] = []

    async def send(message: Message) -> None:
        if deaf_after is not None and len(messages) == deaf_after:
            await asyncio.Event().wait()
        messages.append(message)

    async def receive() -> Message:
        raise AssertionError

    async def served() -> None:
        until = asyncio.get_running_loop().time() + deadline_s
        await Reply(body, until, lambda: closed.append(True))({"type": "http"}, receive, send)

    asyncio.run(served())
    return messages, bool(closed)


@pytest.mark.parametrize("size", [2, PIECE_BYTES, PIECE_BYTES + 1, 5 * PIECE_BYTES])
def test_it_arrives_whole_in_pieces(size: int) -> None:
    body = bytes(place % 251 for place in range(size))
    (start, *pieces), closed = sent(body)
    assert (b"content-length", str(size).encode()) in start["headers"]
    assert b"".join(piece["body"] for piece in pieces) == body and closed
    assert [piece["more_body"] for piece in pieces] == [True] * (len(pieces) - 1) + [False]
    assert all(len(piece["body"]) <= PIECE_BYTES for piece in pieces)


def test_what_nobody_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.sending.LEAST_S", 0.01)
    messages, closed = sent(bytes(3 * PIECE_BYTES), deaf_after=2, deadline_s=0.0)
    assert len(messages) == 2 and messages[-1]["more_body"] and closed
