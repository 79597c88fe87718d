"""A server that is told to stop finishes what it has begun."""

import threading
from threading import Event

import httpx
import uvicorn

from service.app import create_app
from service.cli import address_of, listen
from service.settings import Settings
from tests.service.client import PATIENCE_S
from tests.service.fakes import FakeTranslator


def test_a_request_in_flight_is_answered() -> None:
    translator, settled, replies = FakeTranslator(gate=Event()), Event(), []
    app = create_app(Settings(), lambda: translator, lambda worker: settled.set())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    with listen("127.0.0.1", 0) as listener:
        serving = threading.Thread(target=server.run, args=([listener],))
        serving.start()
        assert settled.wait(PATIENCE_S)
        body = {"q": "A dog", "source": "en", "target": "de"}
        url = f"{address_of(listener)}/translate"
        asking = threading.Thread(target=lambda: replies.append(httpx.post(url, json=body, trust_env=False)))
        asking.start()
        assert translator.entered.wait(PATIENCE_S)
        server.should_exit = True
        translator.gate.set()
        asking.join(PATIENCE_S)
        serving.join(PATIENCE_S)
    assert not serving.is_alive()
    assert [reply.json()["translatedText"] for reply in replies] == ["ein Hund"]
