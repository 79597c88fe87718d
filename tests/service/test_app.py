"""What holds for every address: shapes of errors, headers, metrics, and the document that describes it all."""

import re
from collections.abc import AsyncIterator

import pytest

from nmt.errors import ArtifactError, ConfigError, DirectionError, InputError
from service.errors import (
    BodyTooLargeError,
    KeyMissingError,
    KeyRefusedError,
    NotReadyError,
    QueueFullError,
    RateLimitError,
    RequestTimeoutError,
    status_of,
)
from service.middleware import SECURITY_HEADERS
from tests.service.client import Client, serving
from tests.service.fakes import FakeTranslator

ADDRESSES = [
    "/",
    "/docs",
    "/openapi.json",
    "/languages",
    "/health",
    "/livez",
    "/readyz",
    "/frontend/settings",
    "/metrics",
]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("x"), 400),
        (DirectionError("x"), 400),
        (ConfigError("a", 1, "2"), 400),
        (KeyMissingError(), 400),
        (KeyRefusedError(), 403),
        (BodyTooLargeError(1), 413),
        (RateLimitError(3), 429),
        (QueueFullError(), 429),
        (NotReadyError("x"), 503),
        (RequestTimeoutError(1), 504),
        (ArtifactError("x"), 500),
    ],
)
def test_each_error_has_its_status(error: ConfigError, status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/page/nothing.js", 404),
        ("GET", "/page/../app.py", 404),
        ("GET", "/translate", 405),
        ("DELETE", "/languages", 405),
        ("POST", "/health", 405),
    ],
)
def test_other_failures_have_the_same_shape(client: Client, method: str, path: str, status: int) -> None:
    reply = client.request(method, path)
    assert reply.status_code == status
    assert list(reply.json()) == ["error"]


def test_what_is_not_allowed_says_what_is(client: Client) -> None:
    allowed = {path: client.request("DELETE", path).headers["allow"] for path in ("/languages", "/translate", "/livez")}
    assert allowed == {"/languages": "GET, POST", "/translate": "POST", "/livez": "GET"}


PART = b'--x\r\nContent-Disposition: form-data; name="q"\r\n\r\n'
BODIES = {"application/json": b'"', "application/x-www-form-urlencoded": b"q=", "multipart/form-data; boundary=x": PART}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_the_limit_is_refused(kind: str, declared: bool) -> None:
    async def undeclared() -> AsyncIterator[bytes]:
        yield BODIES[kind]
        for _ in range(20):
            yield b"x" * 100

    with serving(max_body_bytes=1000) as client:
        content = BODIES[kind] + b"x" * 1000 if declared else undeclared()
        reply = client.post("/translate", content=content, headers={"content-type": kind})
        assert reply.status_code == 413
        assert reply.json() == {"error": "Invalid request: the body exceeds the limit of 1000 bytes"}
        assert client.post("/translate", content=b"x" * 1000).status_code == 400


@pytest.mark.parametrize("path", [*ADDRESSES, "/page/page.js", "/docs/assets/swagger-ui.css", "/nowhere"])
def test_every_answer_has_the_security_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert re.fullmatch("[0-9a-f]{16}", headers["x-request-id"])


def test_translations_are_not_cached(client: Client) -> None:
    assert client.translate(q="A").headers["cache-control"] == "no-store"


def test_any_origin_may_ask_by_default(client: Client) -> None:
    origin = {"origin": "https://example.org"}
    asked = {**origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    assert client.request("OPTIONS", "/translate", headers=asked).status_code == 200
    for reply in (client.post("/translate", headers=origin), client.get("/nowhere", headers=origin)):
        assert reply.headers["access-control-allow-origin"] == "*"


def test_origins_can_be_limited() -> None:
    with serving(cors_origins=("https://example.org",)) as client:
        for origin, allowed in (("https://example.org", "https://example.org"), ("https://example.com", None)):
            reply = client.get("/health", headers={"origin": origin})
            assert reply.headers.get("access-control-allow-origin") == allowed


def test_a_fault_can_be_read_across_origins() -> None:
    with serving(FakeTranslator(failure=RuntimeError())) as client:
        body = {"q": "x", "source": "en", "target": "de"}
        reply = client.post("/translate", json=body, headers={"origin": "https://example.org"})
    assert reply.status_code == 500 and reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_languages_say_where_each_leads(method: str) -> None:
    with serving(FakeTranslator([("en", "de"), ("en", "fr"), ("de", "en")])) as client:
        reply = client.request(method, "/languages", headers={"content-type": "application/x-www-form-urlencoded"})
    assert reply.json() == [
        {"code": "en", "name": "English", "targets": ["de", "fr"]},
        {"code": "de", "name": "German", "targets": ["en"]},
        {"code": "fr", "name": "French", "targets": []},
    ]


def test_a_get_may_carry_a_body_and_a_content_type(client: Client) -> None:
    reply = client.request("GET", "/languages", content=b"{", headers={"content-type": "application/json"})
    assert reply.status_code == 200


def test_frontend_settings(client: Client) -> None:
    settings = client.get("/frontend/settings").json()
    assert settings["charLimit"] == 100
    assert settings["language"] == {
        "source": {"code": "en", "name": "English"},
        "target": {"code": "de", "name": "German"},
    }
    falsehoods = ["apiKeys", "keyRequired", "suggestions", "filesTranslation"]
    assert not any(settings[name] for name in falsehoods) and settings["supportedFilesFormat"] == []


def test_metrics_count_requests_texts_and_tokens() -> None:
    with serving() as client:
        client.translate(q=["A dog", "A"])
        client.translate(q="A", source="zz")
        client.get("/nowhere/at/all")
        client.request("BREW", "/livez")
        text = client.get("/metrics").text
    for line in (
        'nmt_request_seconds_count{method="POST",route="/translate",status="200"} 1.0',
        'nmt_request_seconds_count{method="POST",route="/translate",status="400"} 1.0',
        'nmt_request_seconds_count{method="GET",route="unmatched",status="404"} 1.0',
        'nmt_request_seconds_count{method="other",route="/livez",status="405"} 1.0',
        'nmt_texts_total{source="en",target="de"} 2.0',
        'nmt_source_tokens_total{source="en",target="de"} 7.0',
        'nmt_target_tokens_total{source="en",target="de"} 5.0',
        'nmt_model_info{directions="en-de de-en",name="fake",version="1"} 1.0',
        'nmt_stage_seconds_count{stage="prepare"} 2.0',
        'nmt_stage_seconds_count{stage="wait"} 2.0',
        'nmt_stage_seconds_count{stage="decode"} 2.0',
        'nmt_stage_seconds_count{stage="finish"} 2.0',
        'nmt_refused_total{reason="bad_input"} 1.0',
        "nmt_model_loads_total 1.0",
        "nmt_ready 1.0",
        "nmt_queue_waiting 0.0",
        "nmt_queue_tokens 0.0",
        "nmt_running_sentences 0.0",
    ):
        assert line in text.splitlines()
    assert "process_resident_memory_bytes" in text


def test_users_texts_are_neither_in_metrics_nor_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    secret = "Geheimnis"
    with serving() as client:
        client.translate(q=secret, source=secret)
        client.translate(q=secret, api_key=secret)
        client.get(f"/{secret}?q={secret}")
        client.get(f"/?q={secret}")
        metrics = client.get("/metrics").text
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert any("/translate 200" in message for message in ours)
    assert secret not in metrics and not any(secret in message for message in ours)


def test_openapi_describes_requests_replies_and_errors_with_this_servers_limits(client: Client) -> None:
    document = client.get("/openapi.json").json()
    translate = document["paths"]["/translate"]["post"]
    assert set(translate["requestBody"]["content"]) >= {"application/json", "application/x-www-form-urlencoded"}
    assert set(translate["responses"]) == {"200", "400", "403", "413", "429", "500", "503", "504"}
    shapes = document["components"]["schemas"]
    assert shapes["TranslateRequest"]["properties"]["alternatives"]["maximum"] == 5
    assert shapes["TranslateRequest"]["properties"]["q"]["anyOf"][0]["maxLength"] == 100
    assert set(document["paths"]) == set(ADDRESSES) - {"/", "/docs", "/openapi.json"} | {"/translate", "/detect"}
    named = set(re.findall('"#/components/schemas/(.+?)"', client.get("/openapi.json").text))
    assert named <= set(shapes)
    assert "HTTPValidationError" not in shapes
    assert all(property.get("description") for property in shapes["TranslateRequest"]["properties"].values())
