"""What happens to every request, whatever its route."""

import logging
import time
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import INTERNAL, BodyTooLargeError
from service.log import chosen_id, request_id
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


class PathPrefix:
    """Serves everything under `prefix`, whether a proxy in front takes it off the path or leaves it."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        path: str = scope["path"]
        if path == self._prefix:
            return await RedirectResponse(f"{self._prefix}/", 308)(scope, receive, send)
        whole = path if path.startswith(f"{self._prefix}/") else self._prefix + path
        await self._app({**scope, "root_path": self._prefix, "path": whole}, receive, send)


class Observation:
    """Gives each request an id, counts and logs it, and turns what nobody caught into an answer that shows nothing.

    The id is the one in X-Request-ID, where that is short and plain. The log has route templates, never paths, queries,
    addresses or messages of unknown exceptions: those can hold what users write.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        chosen, began, status = chosen_id(Headers(scope=scope).get("x-request-id")), time.monotonic(), 0
        token = request_id.set(chosen)

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = chosen
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            logger.error("request %s failed: %s\n%s", chosen, type(error).__name__, _frames(error))
            if status == 0:
                await JSONResponse({"error": INTERNAL}, 500)(scope, receive, noted)
        finally:
            self._note(scope, status, time.monotonic() - began, chosen)
            request_id.reset(token)

    def _note(self, scope: Scope, status: int, seconds: float, chosen: str) -> None:
        route, method = getattr(scope.get("route"), "path", None) or "unmatched", scope["method"]
        self._metrics.requested(route, method, status, seconds)
        level = logging.DEBUG if route in PROBES else logging.INFO
        fields = {"method": method, "route": route, "status": status, "milliseconds": round(1000 * seconds, 1)}
        values = (method, route, status, 1000 * seconds, chosen)
        logger.log(level, "%s %s %d %.1f ms, request %s", *values, extra={"fields": fields})


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
