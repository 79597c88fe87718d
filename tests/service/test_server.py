"""Signals, and life behind a proxy."""

import json
import logging
import signal
import threading
from pathlib import Path
from threading import Event

import httpx
import pytest

from service.cli import make_key
from service.keys import hash_of
from service.log import JsonFormatter, chosen_id, request_id
from service.settings import Settings
from tests.service.client import PATIENCE_S, serving
from tests.service.fakes import FakeTranslator
from tests.service.serving import listening

PREFIX = "/mt/v1"
REQUEST = {"q": "dog", "source": "en", "target": "de"}


def get(url: str, **given: object) -> httpx.Response:
    return httpx.get(url, trust_env=False, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("prefix", ["", PREFIX])
def test_all_is_found_under_a_prefix_whether_the_proxy_strips_it_or_not(prefix: str) -> None:
    with serving(root_path=PREFIX) as client:
        for path in ("/", "/docs", "/livez", "/languages", "/page/page.js", "/docs/assets/swagger-ui.css"):
            assert client.get(prefix + path).status_code == 200, path
        assert client.post(f"{prefix}/translate", json=REQUEST).json()["translatedText"] == "Hund"
        assert client.get(f"{prefix}/openapi.json").json()["servers"] == [{"url": PREFIX}]
        assert 'route="/translate"' in client.get(f"{prefix}/metrics").text


def test_the_prefix_alone_leads_to_the_page() -> None:
    with serving(root_path=PREFIX) as client:
        reply = client.get(PREFIX)
        assert reply.status_code == 308 and reply.headers["location"] == f"{PREFIX}/"


def test_pages_name_their_parts_by_relative_addresses() -> None:
    with serving(root_path=PREFIX) as client:
        for page in ("/", "/docs"):
            assert 'src="/' not in client.get(page).text and 'href="/' not in client.get(page).text


@pytest.mark.parametrize(("given", "path"), [("/a/", "/a"), ("/", ""), ("", ""), ("/a/b-c", "/a/b-c")])
def test_a_prefix_has_no_slash_at_its_end(given: str, path: str) -> None:
    assert Settings(root_path=given).root_path == path


@pytest.mark.parametrize("given", ["a", "/a b", "//a", "/a?b", "http://x/a"])
def test_a_prefix_that_is_no_path_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="a path such as"):
        Settings(root_path=given)


def test_a_server_that_drains_says_so_and_still_serves() -> None:
    with listening(drain_s=PATIENCE_S) as (address, server):
        server.handle_exit(signal.SIGTERM, None)
        ready = get(f"{address}/readyz")
        assert ready.status_code == 503 and ready.json()["status"] == "draining"
        assert get(f"{address}/livez").status_code == 200
        assert httpx.post(f"{address}/translate", json=REQUEST, trust_env=False).status_code == 200
        assert not server.should_exit
        server.handle_exit(signal.SIGTERM, None)  # a second one doesn't wait
        assert server.should_exit


def test_streams_in_flight_are_finished_at_sigterm() -> None:
    translator, lines = FakeTranslator(gate=Event()), []
    with listening(translator) as (address, server):

        def ask() -> None:
            with httpx.stream("POST", f"{address}/translate", json={**REQUEST, "stream": True}, trust_env=False) as got:
                lines.extend(got.iter_lines())

        asking = threading.Thread(target=ask)
        asking.start()
        assert translator.entered.wait(PATIENCE_S)
        server.handle_exit(signal.SIGTERM, None)
        translator.gate.set()
        asking.join(PATIENCE_S)
    assert "event: done" in lines


def test_a_hangup_looks_for_models_again() -> None:
    with listening() as (address, server):
        reloaded = Event()
        service = server.config.app.state.service  # type: ignore[union-attr]
        refresh = service.registry.refresh

        async def noted() -> None:
            await refresh()
            reloaded.set()

        service.registry.refresh = noted
        server.handle_hangup(signal.SIGHUP, None)
        assert reloaded.wait(PATIENCE_S)
        assert get(f"{address}/readyz").status_code == 200


def test_keys_are_read_again_and_stay_where_they_cannot_be(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(hash_of("a"))
    with serving(api_keys_file=file) as client:
        file.write_text(hash_of("b"))
        client.call(client.service.reload)
        assert client.translate(q="dog", api_key="b").status_code == 200
        file.write_text("")
        client.call(client.service.reload)
        assert [client.translate(q="dog", api_key=key).status_code for key in ("b", "a", None)] == [200, 403, 400]


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-1.2_3:4", True), ("a" * 64, True), ("a" * 65, False), ("a b", False), ("", False)]
)
def test_a_sane_request_id_is_kept(given: str, kept: bool) -> None:
    with serving() as client:
        answered = client.get("/livez", headers={"x-request-id": given}).headers["x-request-id"]
    assert (answered == given) is kept


def test_made_ids_differ() -> None:
    assert len({chosen_id(None) for _ in range(100)}) == 100


def test_a_line_of_json_has_the_request_and_its_fields() -> None:
    record = logging.LogRecord("service", logging.INFO, "x.py", 1, "said %s", ("ü\n",), None)
    record.fields = {"route": "/translate", "status": 200}
    token = request_id.set("abc")
    try:
        line = JsonFormatter().format(record)
    finally:
        request_id.reset(token)
    assert "\n" not in line
    entry = json.loads(line)
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "info", "logger": "service", "message": "said ü\n", "request_id": "abc",
        "route": "/translate", "status": 200,
    }  # fmt: skip


def test_a_key_is_printed_with_its_hash(capsys: pytest.CaptureFixture[str]) -> None:
    make_key()
    (_, key), (_, digest) = (line.split() for line in capsys.readouterr().out.splitlines())
    assert hash_of(key) == digest
