"""What happens to every request, whatever its route."""

import logging
import secrets
import time
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import INTERNAL, BodyTooLargeError
from service.metrics import Metrics

logger = logging.getLogger("service")
PROBES = ("/health", "/livez", "/readyz", "/metrics")
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-cache",
}


class SecurityHeaders:
    """Adds to every answer the headers that it lacks of those above."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class Observation:
    """Gives each request an id, counts and logs it, and turns what nobody caught into an answer that shows nothing.

    The log has route templates, never paths, queries or messages of unknown exceptions: those can hold users' texts.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request_id, began, status = secrets.token_hex(8), time.monotonic(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            logger.error("request %s failed: %s\n%s", request_id, type(error).__name__, _frames(error))
            if status == 0:
                await JSONResponse({"error": INTERNAL}, 500)(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", None) or "unmatched"
            seconds = time.monotonic() - began
            self._metrics.requested(route, scope["method"], status, seconds)
            level = logging.DEBUG if route in PROBES else logging.INFO
            logger.log(
                level, "%s %s %d %.1f ms, request %s", scope["method"], route, status, 1000 * seconds, request_id
            )


class BodyLimit:
    """Refuses bodies over `limit_bytes` with BodyTooLargeError, as soon as it is known that they are."""

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self._app, self._limit_bytes = app, limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        declared = Headers(scope=scope).get("content-length", "")
        received = int(declared) if declared.isdecimal() and len(declared) < 20 else 0
        too_large, received = received > self._limit_bytes, 0

        async def counted() -> Message:
            nonlocal received
            if too_large:
                raise BodyTooLargeError(self._limit_bytes)
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit_bytes:
                raise BodyTooLargeError(self._limit_bytes)
            return message

        await self._app(scope, counted, send)


def _frames(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__)).rstrip()
