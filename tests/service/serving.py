"""A real server on a loopback port, in a thread of the test process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from service.app import create_app
from service.cli import address_of, listen
from service.server import Server
from service.settings import Settings
from tests.service.client import PATIENCE_S, source_of
from tests.service.fakes import FakeIdentifier, FakeTranslator


@contextmanager
def listening(translator: FakeTranslator | None = None, **given: Any) -> Iterator[tuple[str, Server]]:
    """The address of a server that is ready, and the server; it is stopped at the end."""
    settings, settled, fake = Settings(**{"decoders": 1, **given}), Event(), translator or FakeTranslator()
    app = create_app(settings, source_of(lambda: fake), FakeIdentifier, lambda registry: settled.set())
    server = Server(app, settings)
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert settled.wait(PATIENCE_S)
            yield address_of(listener), server
        finally:
            server.should_exit = True
            if fake.gate is not None:
                fake.gate.set()
            thread.join(PATIENCE_S)
    assert not thread.is_alive()
