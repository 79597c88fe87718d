"""The model is decoded on a thread of its own: nothing else waits for it, and it takes no more than it can do."""

import asyncio
import threading
from collections.abc import Sequence
from threading import Event
from typing import Any

import pytest

from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.errors import ArtifactError
from nmt.text.options import TextOptions
from nmt.translation import Translation
from service.engine import Engine
from service.errors import NotReadyError, QueueFullError
from service.job import Text
from service.lanes import Lanes, News, Sentence
from service.metrics import Metrics
from service.models import Model
from service.queueing import Limits, Waiting
from service.translating import Translating
from tests.service.client import PATIENCE_S, serving, starting
from tests.service.fakes import FakeTranslator

LIMITS = Limits(rows=64, tokens=1000, lanes=4)


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


def failed(error: Exception) -> str:
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
    with serving(translator, queue_tokens=16, batch_rows=64, batch_tokens=2) as client:
        running = client.start(q="A")
        assert translator.entered.wait(PATIENCE_S)
        waiting = [client.start(q=f"dog {i}") for i in range(8)]  # each counts as an eighth of what may wait
        client.wait_until_waiting(8)
        refused = client.translate(q="A")
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
        assert refused.json() == {"error": "Too many requests are waiting, try again later"}
        metrics = client.get("/metrics").text
        assert "nmt_queue_waiting 8.0" in metrics and "nmt_queue_tokens 64.0" in metrics
        assert 'nmt_refused_total{reason="queue_full"} 1.0' in metrics and "nmt_running_sentences 1.0" in metrics
        translator.gate.set()
        assert [pending.result(PATIENCE_S).status_code for pending in (running, *waiting)] == [200] * 9
        assert client.translate(q="A").status_code == 200


def test_too_many_open_requests_are_refused_before_they_are_read() -> None:
    translator = FakeTranslator(gate=Event())
    with serving(translator, max_requests=1) as client:
        running = client.start(q="A")
        assert translator.entered.wait(PATIENCE_S)
        assert client.post("/translate", content=b"{").status_code == 429
        assert client.post("/detect", data={"q": "x"}).status_code == 429
        assert client.get("/readyz").status_code == 200
        translator.gate.set()
        assert running.result(PATIENCE_S).status_code == 200
        assert client.translate(q="A").status_code == 200


def test_a_request_over_its_time_is_dropped() -> None:
    translator = FakeTranslator(gate=Event())
    with serving(translator, request_timeout_s=0.01) as client:
        for late in (client.translate(q="A"), client.translate(q="dog")):
            assert late.status_code == 504
            assert late.json() == {"error": "The request took longer than the limit of 0.01 seconds"}
        translator.gate.set()
        client.wait_until_running(0)
        assert client.service.engine.business.waiting_requests == 0
    assert translator.finished == []


def test_a_fault_of_the_translator_shows_nothing_and_logs_no_text(caplog: pytest.LogCaptureFixture) -> None:
    with serving(FakeTranslator(failure=RuntimeError("about my private text"))) as client:
        reply = client.translate(q="my private text")
    assert reply.status_code == 500 and reply.json() == {"error": "Internal server error"}
    assert f"request {reply.headers['x-request-id']} failed: RuntimeError" in caplog.text
    assert "private" not in caplog.text


def test_a_client_that_leaves_takes_its_work_along() -> None:
    translator = FakeTranslator(gate=Event())
    with serving(translator, batch_tokens=2) as client:
        running = client.start(q="A")
        assert translator.entered.wait(PATIENCE_S)
        client.call(leave, client.app)
        client.wait_until_waiting(0)
        translator.gate.set()
        assert running.result(PATIENCE_S).status_code == 200
    assert translator.finished == ["A"]


def test_what_runs_for_a_client_that_leaves_is_dropped() -> None:
    translator = FakeTranslator(gate=Event())
    with serving(translator) as client:
        client.call(leave, client.app, translator.entered)
        translator.gate.set()
        client.wait_until_running(0)
    assert translator.finished == []


async def leave(app: Any, after: Event | None = None) -> None:
    """Ask for a translation, and close the connection, if need be after something has happened."""
    messages = [{"type": "http.request", "body": b'{"q": "B", "source": "en", "target": "de"}'}]

    async def receive() -> dict[str, object]:
        if not messages and after is not None:
            await asyncio.to_thread(after.wait, PATIENCE_S)
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: object) -> None:
        pass

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/translate", "query_string": b"", "headers": headers}
    await app(scope, receive, send)


def texts(translator: FakeTranslator, *given: str) -> list[Text]:
    model = Model("fake", "1", translator)
    return [Text(text, model, Direction("en", "de"), SearchOptions(), TextOptions()) for text in given]


def begun(queue_tokens: int = 1000) -> Engine:
    engine = Engine(queue_tokens, LIMITS, Metrics(), [Lanes()])
    engine.start()
    return engine


def test_drafts_are_made_and_finished_aside_and_one_thread_decodes() -> None:
    decoding: set[threading.Thread] = set()
    aside: set[threading.Thread] = set()

    class Watched(FakeTranslator):
        def draft(self, *given: Any) -> Any:
            aside.add(threading.current_thread())
            return super().draft(*given)

        def pass_gate(self, sources: Any) -> None:
            decoding.add(threading.current_thread())

    async def several() -> list[list[Translation]]:
        engine, translator = begun(), Watched()
        found = await asyncio.gather(
            *(engine.translate(texts(translator, f"dog {i}", "A"), PATIENCE_S) for i in range(5))
        )
        await engine.stop()
        return found

    found = asyncio.run(several())
    assert [[t.text for t in each] for each in found] == [[f"Hund {i}", "ein"] for i in range(5)]
    assert len(decoding) == 1
    assert not aside & (decoding | {threading.main_thread()})


def test_sentences_of_several_requests_run_together() -> None:
    translator = FakeTranslator(gate=Event())
    with serving(translator) as client:
        first = client.start(q="A")
        assert translator.entered.wait(PATIENCE_S)
        others = [client.start(q="dog dog dog") for _ in range(4)]
        client.wait_until_waiting(4)
        translator.gate.set()
        assert {pending.result(PATIENCE_S).status_code for pending in (first, *others)} == {200}
    assert max(translator.scorer.batches) >= 4 * 5


class Noted(Lanes):
    """Notes how many sentences join at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.joined: list[int] = []

    def step(self, arrivals: Sequence[Waiting[Sentence]]) -> list[News]:
        self.joined += [len(arrivals)] if arrivals else []
        return super().step(arrivals)


def test_a_text_is_shared_out_among_decoders_that_are_idle() -> None:
    async def shared() -> None:
        decoders = [Noted(), Noted()]
        engine, translator = Engine(1000, LIMITS, Metrics(), decoders), FakeTranslator(gate=Event())
        engine.start()
        asked = asyncio.create_task(engine.translate(texts(translator, "\n\n".join(["dog"] * 10)), PATIENCE_S))
        while engine.business.sentences < 10:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        translator.gate.set()
        assert [found.text for found in await asked] == ["\n\n".join(["Hund"] * 10)]
        assert [decoder.joined for decoder in decoders] == [[5], [5]] and engine.business.decoders == 2
        await engine.stop()

    asyncio.run(shared())


def test_a_search_that_loops_gets_a_second_try() -> None:
    translator = FakeTranslator()
    with serving(translator) as client:
        reply = client.translate(q="dog\n\nit loops", alternatives=1).json()
    assert reply["translatedText"] == "Hund\n\nit loops"
    assert 1 in translator.scorer.batches  # with a beam of one


def test_a_fault_fails_those_that_share_its_search_and_no_more() -> None:
    with serving(FakeTranslator(failure=RuntimeError())) as client:
        assert client.translate(q="A").status_code == 500
        assert client.get("/readyz").status_code == 200
        client.wait_until_running(0)


def test_what_is_given_after_a_stop_is_refused_and_what_was_given_before_fails() -> None:
    async def stopping() -> None:
        engine, translator = begun(), FakeTranslator(gate=Event())
        given = asyncio.create_task(engine.translate(texts(translator, "dog"), PATIENCE_S))
        await asyncio.to_thread(translator.entered.wait, PATIENCE_S)
        stopping = asyncio.create_task(engine.stop())
        with pytest.raises(NotReadyError):
            await given
        translator.gate.set()
        await stopping
        with pytest.raises(NotReadyError):
            await engine.translate(texts(translator, "dog"), PATIENCE_S)
        assert not engine.is_alive

    asyncio.run(stopping())


def test_a_refused_request_leaves_nothing_behind() -> None:
    async def refused() -> None:
        engine, translator = begun(queue_tokens=1), FakeTranslator(gate=Event())
        first = asyncio.create_task(engine.translate(texts(translator, "dog"), PATIENCE_S))
        await asyncio.to_thread(translator.entered.wait, PATIENCE_S)
        waiting = asyncio.create_task(engine.translate(texts(translator, "A"), PATIENCE_S))
        while not engine.business.waiting_requests:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        with pytest.raises(QueueFullError):
            await engine.translate(texts(translator, "A"), PATIENCE_S)
        translator.gate.set()
        assert [found[0].text for found in await asyncio.gather(first, waiting)] == ["Hund", "ein"]
        assert engine.business.waiting_requests == engine.business.sentences == 0
        await engine.stop()

    asyncio.run(refused())
