"""What all routes share: the parts of a running service, and who may ask it."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.requests import Request

from nmt.errors import NmtError
from service.detection import Detector
from service.engine import Engine
from service.errors import QueueFullError, RateLimitError
from service.keys import KeyRing, given_key
from service.limits import RateLimiter, client_of
from service.metrics import Metrics
from service.models import Registry
from service.settings import Settings

logger = logging.getLogger("service")


@dataclass
class Service:
    """The parts of one application."""

    settings: Settings
    registry: Registry
    engine: Engine
    detector: Detector
    metrics: Metrics
    read_keys: Callable[[], KeyRing]
    keys: KeyRing = field(init=False)
    limiter: RateLimiter = field(init=False)
    open_requests: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.keys = self.read_keys()
        self.limiter = RateLimiter(self.settings.requests_per_minute)

    @property
    def is_ready(self) -> bool:
        return self.registry.state == "ready" and self.engine.is_alive

    @property
    def status(self) -> str:
        """The models' state; where they are ready and nothing decodes, "recovering"."""
        state = self.registry.state
        return "recovering" if state == "ready" and not self.engine.is_alive else state

    @property
    def explanation(self) -> str:
        """The status in a sentence."""
        no_decoder = "No decoder is up, try again soon"
        return no_decoder if self.status == "recovering" else self.registry.explanation

    @contextmanager
    def counted(self) -> Iterator[None]:
        """A request for as long as it is open. Raises QueueFullError where too many are, before it costs anything."""
        if self.open_requests >= self.settings.max_requests:
            raise QueueFullError
        self.stay()
        try:
            yield
        finally:
            self.leave()

    def stay(self) -> None:
        """Count a request that has come in already and outlasts its handler; `leave` has to be called for it."""
        self.open_requests += 1

    def leave(self) -> None:
        self.open_requests -= 1

    def admit(self, request: Request, parameters: Mapping[str, object]) -> None:
        """Raise KeyMissingError, KeyRefusedError or RateLimitError where this client may not ask, or not now."""
        owner = self.keys.owner(given_key(parameters, request.headers.get("authorization")))
        address = request.client.host if request.client else None
        seconds = self.limiter.take(owner or client_of(address), time.monotonic())
        if seconds:
            raise RateLimitError(seconds)

    async def reload(self) -> None:
        """Read the keys and look for models again, those that were refused included."""
        try:
            self.keys = await asyncio.to_thread(self.read_keys)
        except NmtError as error:
            logger.error("the API keys stay as they were: %s", error)
        await self.registry.refresh_safely(again=True)


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
