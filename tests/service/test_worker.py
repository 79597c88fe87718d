"""The model runs on a thread of its own: nothing else waits for it, and it takes no more than it can do."""

import asyncio
import threading
from threading import Event
from typing import Any

import pytest

from nmt.config import SearchOptions
from nmt.errors import ArtifactError
from nmt.translation import Translation
from service.errors import NotReadyError, QueueFullError
from service.worker import Translating, Work, Worker
from tests.service.client import PATIENCE_S, Client, serving, starting
from tests.service.fakes import FakeTranslator


def work(*texts: str, limit_s: float = PATIENCE_S) -> Work:
    return Work(texts or ("A",), "en", "de", SearchOptions(), limit_s)


def test_everything_else_answers_while_a_translation_is_blocked() -> None:
    translator = FakeTranslator(gate=Event())
    with serving(translator) as client:
        pending = client.start(q="A dog")
        assert translator.entered.wait(PATIENCE_S)
        for path in ("/livez", "/health", "/readyz", "/languages", "/metrics", "/"):
            assert client.get(path).status_code == 200
        assert not pending.done()
        translator.gate.set()
        assert pending.result(PATIENCE_S).json()["translatedText"] == "ein Hund"


def test_it_answers_while_the_model_is_loading() -> None:
    gate = Event()

    def load() -> Translating:
        gate.wait()
        return FakeTranslator()

    with starting(load) as client:
        assert client.get("/livez").json() == {"status": "ok"}
        not_ready = client.get("/readyz")
        assert not_ready.status_code == 503
        assert not_ready.json()["status"] == "loading" and "loading (" in not_ready.json()["error"]
        for reply in (client.translate(q="A"), client.get("/languages"), client.get("/frontend/settings")):
            assert reply.status_code == 503 and list(reply.json()) == ["error"] and reply.headers["retry-after"]
        gate.set()
        client.wait_until_settled()
        ready = client.get("/readyz").json()
        assert ready["status"] == "ready" and ready["model"] == "fake" and ready["secondsToReady"] >= 0
        assert client.translate(q="A").status_code == 200


def failed(error: Exception) -> Client:
    def load() -> Translating:
        raise error

    with starting(load) as client:
        client.wait_until_settled()
        assert client.get("/livez").status_code == 200
        reply = client.get("/readyz")
        assert reply.status_code == 503 and reply.json()["status"] == "failed"
        return reply.json()["error"]


def test_a_model_that_cannot_be_loaded_is_said() -> None:
    assert failed(ArtifactError("config.json is missing")) == "The model could not be loaded: config.json is missing"


def test_a_fault_while_loading_shows_nothing_of_the_inside() -> None:
    assert failed(RuntimeError("secret")) == "The model could not be loaded: see the log"


def test_a_full_queue_refuses_early() -> None:
    translator = FakeTranslator(gate=Event())
    with serving(translator, queue_limit=2) as client:
        running = client.start(q="A")
        assert translator.entered.wait(PATIENCE_S)
        waiting = [client.start(q=f"dog {i}") for i in range(2)]
        client.wait_until_waiting(2)
        refused = client.translate(q="A")
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
        assert refused.json() == {"error": "Too many requests are waiting, try again later"}
        assert "nmt_queue_waiting 2.0" in client.get("/metrics").text
        translator.gate.set()
        assert [pending.result(PATIENCE_S).status_code for pending in (running, *waiting)] == [200] * 3
        assert client.translate(q="A").status_code == 200


def test_a_request_over_its_time_is_dropped() -> None:
    translator = FakeTranslator(gate=Event())
    with serving(translator, request_timeout_s=0.01) as client:
        for late in (client.translate(q="A"), client.translate(q="dog")):
            assert late.status_code == 504
            assert late.json() == {"error": "The request took longer than the limit of 0.01 seconds"}
        translator.gate.set()
        client.call(client.app.state.service.worker.stop)
    assert translator.texts == ["A"]


def test_a_fault_of_the_translator_shows_nothing_and_logs_no_text(caplog: pytest.LogCaptureFixture) -> None:
    with serving(FakeTranslator(failure=RuntimeError("about my private text"))) as client:
        reply = client.translate(q="my private text")
    assert reply.status_code == 500 and reply.json() == {"error": "Internal server error"}
    assert f"request {reply.headers['x-request-id']} failed: RuntimeError" in caplog.text
    assert "private" not in caplog.text


def test_a_client_that_leaves_takes_its_work_along() -> None:
    translator = FakeTranslator(gate=Event())
    with serving(translator) as client:
        running = client.start(q="A")
        assert translator.entered.wait(PATIENCE_S)
        client.call(leave, client.app)
        client.wait_until_waiting(0)
        translator.gate.set()
        assert running.result(PATIENCE_S).status_code == 200
    assert translator.texts == ["A"]


async def leave(app: Any) -> None:
    """Ask for a translation, and close the connection."""
    messages = [{"type": "http.request", "body": b'{"q": "B", "source": "en", "target": "de"}'}]

    async def receive() -> dict[str, object]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: object) -> None:
        pass

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/translate", "query_string": b"", "headers": headers}
    await app(scope, receive, send)


async def ready(translator: FakeTranslator, queue_limit: int = 8) -> Worker:
    worker = Worker(lambda: translator, queue_limit)
    await worker.run()
    return worker


def test_one_thread_does_all_the_work() -> None:
    threads: list[threading.Thread] = []

    class Watched(FakeTranslator):
        def _translation(self, text: str, options: SearchOptions) -> Translation:
            threads.append(threading.current_thread())
            return super()._translation(text, options)

    async def several() -> None:
        worker = await ready(Watched())
        found = await asyncio.gather(*(worker.translate(work(f"dog {i}", "A")) for i in range(5)))
        assert [[t.text for t in each] for each in found] == [[f"Hund {i}", "ein"] for i in range(5)]
        await worker.stop()

    asyncio.run(several())
    assert len(set(threads)) == 1 and threads[0] is not threading.current_thread()


def test_work_given_before_a_stop_is_done_and_work_after_it_refused() -> None:
    async def stopping() -> None:
        translator = FakeTranslator(gate=Event())
        worker = await ready(translator)
        given = asyncio.create_task(worker.translate(work("dog")))
        await asyncio.to_thread(translator.entered.wait, PATIENCE_S)
        worker.drain()
        with pytest.raises(NotReadyError, match="draining"):
            await worker.translate(work())
        translator.gate.set()
        await worker.stop()
        assert [translation.text for translation in await given] == ["Hund"]

    asyncio.run(stopping())


def test_a_stop_while_loading_does_not_become_ready() -> None:
    async def stopping() -> None:
        gate, states = Event(), []

        def load() -> Translating:
            gate.wait()
            return FakeTranslator()

        worker = Worker(load, 1, lambda worker: states.append(worker.state))
        loading = asyncio.create_task(worker.run())
        await asyncio.sleep(0)
        worker.drain()
        gate.set()
        await loading
        assert states == ["draining"] and worker.state == "draining"
        await worker.stop()

    asyncio.run(stopping())


def test_no_queue_means_one_at_a_time() -> None:
    async def one() -> None:
        translator = FakeTranslator(gate=Event())
        worker = await ready(translator, queue_limit=0)
        first = asyncio.create_task(worker.translate(work()))
        await asyncio.to_thread(translator.entered.wait, PATIENCE_S)
        with pytest.raises(QueueFullError):
            await worker.translate(work())
        translator.gate.set()
        await first
        assert len(await worker.translate(work())) == 1
        await worker.stop()

    asyncio.run(one())
