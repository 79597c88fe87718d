"""A server that is told to stop finishes what it has begun."""

import signal
import threading
from threading import Event

import httpx

from service.app import create_app
from service.cli import address_of, listen
from service.server import Server
from service.settings import Settings
from tests.service.client import PATIENCE_S, source_of
from tests.service.fakes import FakeIdentifier, FakeTranslator


def test_a_request_in_flight_is_answered() -> None:
    translator, settled, replies = FakeTranslator(gate=Event()), Event(), []
    app = create_app(
        Settings(decoders=1), source_of(lambda: translator), FakeIdentifier, lambda registry: settled.set()
    )
    server = Server(app, Settings(decoders=1))
    with listen("127.0.0.1", 0) as listener:
        serving = threading.Thread(target=server.run, args=([listener],))
        serving.start()
        assert settled.wait(PATIENCE_S)
        body = {"q": "A dog", "source": "en", "target": "de"}
        url = f"{address_of(listener)}/translate"
        asking = threading.Thread(target=lambda: replies.append(httpx.post(url, json=body, trust_env=False)))
        asking.start()
        assert translator.entered.wait(PATIENCE_S)
        server.handle_exit(signal.SIGTERM, None)
        assert app.state.service.registry.state == "draining"
        translator.gate.set()
        asking.join(PATIENCE_S)
        serving.join(PATIENCE_S)
    assert not serving.is_alive()
    assert [reply.json()["translatedText"] for reply in replies] == ["ein Hund"]
