"""What LibreTranslate's clients send, and what they read of the answer."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import httpx
import pytest
from libretranslatepy import LibreTranslateAPI

from service.keys import hash_of
from tests.service.fakes import FakeTranslator
from tests.service.serving import listening


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with listening(FakeTranslator([("en", "de"), ("de", "en"), ("fr", "de")])) as (address, _):
        yield address


def post(address: str, **given: Any) -> httpx.Response:
    return httpx.post(address, trust_env=False, **given)


def test_libretranslatepy(address: str) -> None:
    client = LibreTranslateAPI(address)
    assert client.translate("A dog runs on the beach.", "en", "de") == "ein Hund läuft am dem Strand."
    assert client.translate("fr dog", "auto", "de") == "fr Hund"
    assert client.detect("fr chien")[0] == {"confidence": 90.0, "language": "fr"}
    assert {"code": "de", "name": "German", "targets": ["en"]} in client.languages()
    with pytest.raises(HTTPError) as caught:
        client.translate("x", "en", "zz")
    assert caught.value.code == 400 and json.load(caught.value) == {"error": "zz is not supported"}
    caught.value.close()


def test_libretranslatepy_with_a_key() -> None:
    with listening(api_keys=(hash_of("mine"),)) as (address, _):
        assert LibreTranslateAPI(address, "mine").translate("dog", "en", "de") == "Hund"
        assert LibreTranslateAPI(address).languages()
        for key, status in ((None, 400), ("yours", 403)):
            with pytest.raises(HTTPError) as caught:
                LibreTranslateAPI(address, key).translate("dog", "en", "de")
            assert caught.value.code == status
            caught.value.close()


def test_argos_translate_asks_for_languages_by_post(address: str) -> None:
    assert [one["code"] for one in post(f"{address}/languages").json()] == ["en", "de", "fr"]


def test_weblate(address: str) -> None:
    texts = [f"dog {i}" for i in range(20)]
    body = {"api_key": "", "q": texts, "source": "en", "target": "de"}
    assert post(f"{address}/translate", json=body).json()["translatedText"] == [f"Hund {i}" for i in range(20)]


def test_mastodon(address: str) -> None:
    body = {
        "q": ["<p>fr dog</p>", "<p>en dog</p>"],
        "source": "auto",
        "target": "de",
        "format": "html",
        "api_key": None,
    }
    reply = post(f"{address}/translate", json=body).json()
    assert len(reply["translatedText"]) == 2
    assert [found["language"] for found in reply["detectedLanguage"]] == ["fr", "en"]
    languages = httpx.get(f"{address}/languages", trust_env=False, headers={"content-type": "application/json"}).json()
    assert all(isinstance(one["targets"], list) for one in languages)


def test_a_key_may_come_in_any_place() -> None:
    with listening(api_keys=(hash_of("mine"),)) as (address, _):
        url, asked = f"{address}/translate", {"q": "dog", "source": "en", "target": "de"}
        replies = [
            post(url, json={**asked, "api_key": "mine"}),
            post(url, data={**asked, "api_key": "mine"}),
            post(url, params={"api_key": "mine"}, data=asked),
            post(url, json=asked, headers={"authorization": "Bearer mine"}),
        ]
        assert [reply.status_code for reply in replies] == [200] * 4
        assert httpx.get(f"{address}/frontend/settings", trust_env=False).json()["keyRequired"] is True
        refused = post(f"{address}/detect", data={"q": "x"})
        assert refused.status_code == 400 and "API key" in refused.json()["error"]
        assert post(url, json={"api_key": "wrong"}).status_code == 403


def test_a_rate_counts_by_key_or_by_address() -> None:
    asked = {"q": "dog", "source": "en", "target": "de"}
    keys = tuple(map(hash_of, ("a", "b")))
    with listening(api_keys=keys, requests_per_minute=1) as (address, _):
        statuses = [
            post(f"{address}/translate", json={**asked, "api_key": key}).status_code for key in ("a", "b", "a", "b")
        ]
        assert statuses == [200, 200, 429, 429]
    with listening(requests_per_minute=1) as (address, _):
        replies = [
            post(f"{address}/detect", data={"q": "x"}, headers={"x-forwarded-for": client})
            for client in ("192.0.2.1", "192.0.2.2", "192.0.2.1")
        ]
        assert [reply.status_code for reply in replies] == [200, 200, 429]
        assert int(replies[2].headers["retry-after"]) > 0
        assert httpx.get(f"{address}/livez", trust_env=False).status_code == 200


def test_a_proxy_that_is_not_trusted_is_the_client_itself() -> None:
    with listening(requests_per_minute=1, trusted_proxies=()) as (address, _):
        statuses = [
            post(f"{address}/detect", data={"q": "x"}, headers={"x-forwarded-for": client}).status_code
            for client in ("192.0.2.1", "192.0.2.2")
        ]
        assert statuses == [200, 429]


HEAD = b"POST /translate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n"


@pytest.mark.parametrize("sent", [b"", b"POST", HEAD, HEAD + b'{"q":', b"GET / HTTP/9\r\n\r\n", b"\x16\x03\x01" * 99])
def test_a_client_that_hangs_up_halfway_holds_nothing(sent: bytes) -> None:
    with listening() as (address, server):
        place = urlsplit(address)
        with socket.create_connection((place.hostname, place.port)) as connection:
            connection.sendall(sent)
        assert post(f"{address}/translate", json={"q": "dog", "source": "en", "target": "de"}).status_code == 200
    assert server.config.app.state.service.open_requests == 0  # type: ignore[union-attr]


def test_half_a_body_waits_no_longer_than_a_request_may() -> None:
    with listening(request_timeout_s=0.05) as (address, _):
        place = urlsplit(address)
        with socket.create_connection((place.hostname, place.port)) as connection:
            connection.sendall(HEAD + b'{"q":')
            assert connection.recv(100).startswith(b"HTTP/1.1 504")
