"""A translation as server-sent events."""

import asyncio
import json
from threading import Event
from typing import Any

import pytest

from service.streaming import EventStream, event
from tests.service.client import PATIENCE_S, Client, serving
from tests.service.fakes import FakeTranslator


def events_of(body: str) -> list[tuple[str, Any]]:
    found = []
    for block in body.removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_sentences_come_as_they_grow_and_the_whole_reply_last(client: Client) -> None:
    asked = {"q": ["A dog runs\n\non the beach.", " "], "alternatives": 1}
    reply = client.translate(**asked, stream=True)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert reply.headers["cache-control"] == "no-store" and reply.headers["x-accel-buffering"] == "no"
    *pieces, (last, whole) = events_of(reply.text)
    assert last == "done" and whole == client.translate(**asked).json()
    done = {(data["text_index"], data["index"]): data for name, data in pieces if name == "segment"}
    assert done == {
        (0, 0): {"text_index": 0, "index": 0, "source": {"start": 0, "end": 10}, "translatedText": "ein Hund läuft"},
        (0, 1): {"text_index": 0, "index": 1, "source": {"start": 12, "end": 25}, "translatedText": "am dem Strand."},
    }
    assert {name for name, _ in pieces} <= {"segment", "partial"}


def test_what_is_said_so_far_only_changes_forward() -> None:
    with serving() as client:
        pieces = events_of(client.translate(q="a b c d e f", stream=True).text)
    said = [data["text"] for name, data in pieces if name == "partial"]
    assert len(set(said)) == len(said)
    whole = next(data["translatedText"] for name, data in pieces if name == "segment")
    assert all(whole.startswith(text) for text in said)


@pytest.mark.parametrize(
    ("fault", "status"),
    [({"source": "zz"}, 400), ({"q": ""}, 400), ({"q": "x " * 300}, 400), ({"format": "xml"}, 400)],
)
def test_what_is_refused_is_refused_before_the_stream_begins(fault: dict[str, object], status: int) -> None:
    with serving() as client:
        reply = client.translate(**{"q": "A", "stream": True, **fault})
        assert reply.status_code == status and list(reply.json()) == ["error"]
        client.wait_until_waiting(0)


def test_a_text_with_nothing_to_translate_is_done_at_once(client: Client) -> None:
    assert events_of(client.translate(q="…", stream=True).text) == [("done", {"translatedText": "…", "segments": []})]


def test_a_stream_is_one_request() -> None:
    with serving(max_requests=1) as client:
        for _ in range(3):
            assert client.translate(q="A", stream=True).status_code == 200
        assert client.service.open_requests == 0


def test_a_fault_on_the_way_is_an_event_that_shows_nothing() -> None:
    with serving(FakeTranslator(failure=RuntimeError("my private text"))) as client:
        reply = client.translate(q="A", stream=True)
        assert reply.status_code == 200
        assert events_of(reply.text)[-1] == ("error", {"error": "Internal server error"})
        assert client.service.open_requests == 0


def test_a_stream_over_its_time_says_so() -> None:
    translator = FakeTranslator(gate=Event())
    with serving(translator, request_timeout_s=0.05) as client:
        last = events_of(client.translate(q="A", stream=True).text)[-1]
        assert last == ("error", {"error": "The request took longer than the limit of 0.05 seconds"})
        translator.gate.set()
        client.wait_until_running(0)
    assert translator.finished == []


def test_a_client_that_leaves_its_stream_drops_its_work(caplog: pytest.LogCaptureFixture) -> None:
    translator = FakeTranslator(gate=Event())
    with serving(translator) as client:
        client.call(leave, client.app, translator.entered)
        translator.gate.set()
        client.wait_until_running(0)
        assert client.service.open_requests == 0
        assert 'nmt_refused_total{reason="client_left"} 1.0' in client.get("/metrics").text
    assert translator.finished == []
    assert "failed" not in caplog.text


async def leave(app: Any, after: Event) -> None:
    body = b'{"q": "A dog", "source": "en", "target": "de", "stream": true}'
    messages = [{"type": "http.request", "body": body}]

    async def receive() -> dict[str, object]:
        if not messages:
            await asyncio.to_thread(after.wait, PATIENCE_S)
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: object) -> None:
        pass

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/translate", "query_string": b"", "headers": headers}
    await app(scope, receive, send)


def test_a_client_that_stops_reading_costs_no_more_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.streaming.LAST_WORD_S", 0.01)
    closed: list[bool] = []

    async def endless() -> Any:
        while True:
            yield event("partial", {})

    async def deaf(message: dict[str, object]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def quiet() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    async def served() -> None:
        until = asyncio.get_running_loop().time() + 0.01
        await EventStream(endless(), until, 0.01, lambda: closed.append(True), print)({"type": "http"}, quiet, deaf)

    asyncio.run(asyncio.wait_for(served(), PATIENCE_S))
    assert closed
