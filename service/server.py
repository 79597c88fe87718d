"""A server that goes quietly: at SIGTERM it finishes what it has begun, at SIGHUP it looks for new models."""

import asyncio
import logging
import signal
from types import FrameType
from typing import Any

import uvicorn

from service.settings import Settings
from service.shared import Service

logger = logging.getLogger("service")
GRACE_S = 5  # what a shutdown allows beyond the longest request


class Server(uvicorn.Server):
    """Runs an application of `service.app.create_app`.

    A first SIGTERM makes /readyz say 503; after `drain_s` seconds no connection is accepted any more, and when the
    requests that have begun are answered, the process ends.
    """

    def __init__(self, app: Any, settings: Settings) -> None:
        grace_s = round(settings.request_timeout_s) + GRACE_S
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=grace_s,
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=list(settings.trusted_proxies),
                server_header=False,
            )
        )
        self._drain_s = settings.drain_s
        self._service: Service = app.state.service
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reloading: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: Any = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets=sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        first = self._service.registry.state != "draining"
        self._service.registry.drain()
        if self._loop is not None and first and sig == signal.SIGTERM and self._drain_s > 0:
            self._loop.call_soon_threadsafe(self._loop.call_later, self._drain_s, super().handle_exit, sig, None)
        else:
            super().handle_exit(sig, frame)

    def handle_hangup(self, sig: int, frame: FrameType | None) -> None:
        """Look for new models and keys, in the background."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._reload)

    def _reload(self) -> None:
        logger.info("looking for new models")
        task = asyncio.ensure_future(self._service.reload())
        self._reloading.add(task)
        task.add_done_callback(self._reloading.discard)
