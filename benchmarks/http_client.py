"""A client that costs little: HTTP/1.1 on one kept connection, JSON in and out."""

import asyncio
import json
from typing import Any, Self


class Client:
    """One connection; a request at a time. It is opened again where it was closed."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def get(self, path: str) -> tuple[int, Any]:
        """Status and body."""
        return await self.answer(b"GET %s HTTP/1.1\r\nhost: x\r\n\r\n" % path.encode())

    async def post(self, path: str, body: object) -> tuple[int, Any]:
        """Status and body; `body` goes as JSON, or as it is where it is bytes."""
        return await self.answer(request(path, body))

    async def answer(self, raw: bytes) -> tuple[int, Any]:
        """Send a request as it is and read what comes back."""
        await self.send(raw)
        assert self._reader is not None
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split()[1])
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            await self.close()
        kind = headers.get("content-type", "")
        return status, json.loads(body) if kind.startswith("application/json") else body

    async def send(self, raw: bytes) -> None:
        """Send bytes and wait for nothing."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port, limit=1 << 24)
        self._writer.write(raw)
        await self._writer.drain()


def request(path: str, body: object) -> bytes:
    """A POST request, JSON unless `body` is bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
    return head.encode() + data
