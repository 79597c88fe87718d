"""A client that speaks to an application without a network; the application's event loop has a thread of its own."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from threading import Event
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from service.app import create_app
from service.forkserver import ForkServer
from service.models import Source
from service.settings import Settings
from service.shared import Service
from service.translating import Identifying, Translating
from tests.service.fakes import FakeIdentifier, FakeTranslator

PATIENCE_S = 30


class Client:
    """Requests that block, and requests that go on in the background."""

    def __init__(self, portal: BlockingPortal, app: FastAPI, settled: Event) -> None:
        self.app, self._portal, self._settled = app, portal, settled
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        return self._portal.call(partial(self._http.request, method, path, **given))

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.request("POST", path, **given)

    def translate(self, **parameters: object) -> httpx.Response:
        return self.post("/translate", json={"source": "en", "target": "de", **parameters})

    def start(self, **parameters: object) -> "Future[httpx.Response]":
        body = {"source": "en", "target": "de", **parameters}
        return self._portal.start_task_soon(partial(self._http.post, "/translate", json=body))

    def call(self, function: Callable[..., Any], *arguments: object) -> Any:
        return self._portal.call(function, *arguments)

    def wait_until_settled(self) -> None:
        assert self._settled.wait(PATIENCE_S)

    def wait_until_waiting(self, requests: int) -> None:
        """Let the event loop turn until so many requests wait for the model, a sentence of each at least."""

        def waiting() -> bool:
            business = self.service.engine.business
            return business.waiting_requests == requests <= business.waiting_sentences

        self._portal.call(self._until, waiting)

    def wait_until_running(self, sentences: int) -> None:
        """Let the event loop turn until so many sentences are decoded."""
        self._portal.call(self._until, lambda: self.service.engine.business.sentences == sentences)

    @property
    def service(self) -> Service:
        service: Service = self.app.state.service
        return service

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.001)


def source_of(load: Callable[[], Translating]) -> Callable[[], list[Source]]:
    """One model, of one version."""
    return lambda: [Source("fake", "1", load)]


@contextmanager
def starting(
    load: Callable[[], Translating],
    identify: Callable[[], Identifying] = FakeIdentifier,
    sources: Callable[[], list[Source]] | None = None,
    fork_server: ForkServer | None = None,
    **settings: Any,
) -> Iterator[Client]:
    """An application that has begun to load its model."""
    settled = Event()
    app = create_app(
        Settings(**{"decoders": 1, **settings}), sources or source_of(load), identify, lambda registry: settled.set()
    )
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        yield Client(portal, app, settled)


@contextmanager
def serving(translator: FakeTranslator | None = None, **settings: Any) -> Iterator[Client]:
    """An application that is ready."""
    fake = translator or FakeTranslator()
    with starting(lambda: fake, **settings) as client:
        client.wait_until_settled()
        try:
            yield client
        finally:
            if translator is not None and translator.gate is not None:
                translator.gate.set()
