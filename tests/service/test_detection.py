"""`source: auto` and POST /detect."""

import pytest

from nmt.errors import ArtifactError
from service.detection import Detector, without_tags
from service.languages import Languages
from service.translating import Identifying
from tests.service.client import Client, source_of, starting
from tests.service.fakes import FakeIdentifier, FakeTranslator

PAIRS = [("en", "de"), ("fr", "de"), ("de", "en")]


def missing() -> Identifying:
    raise ArtifactError("no language identifier")


def test_each_text_of_a_list_has_its_own_language() -> None:
    translator = FakeTranslator(PAIRS)
    with starting(lambda: translator) as client:
        client.wait_until_settled()
        reply = client.translate(q=["fr dog", "en dog", "1"], source="auto").json()
    assert [found["language"] for found in reply["detectedLanguage"]] == ["fr", "en", "en"]
    assert [found["confidence"] for found in reply["detectedLanguage"]] == [90.0, 90.0, 0.0]
    assert [direction.source for direction, _, _ in translator.calls] == ["fr", "en", "en"]


def test_only_languages_that_lead_to_the_target_are_detected_however_unlikely(client: Client) -> None:
    found = client.translate(q="de dog", source="auto").json()["detectedLanguage"]
    assert found == {"confidence": 5.0, "language": "en"}


def test_tags_do_not_count() -> None:
    identifier = FakeIdentifier()
    with starting(FakeTranslator, lambda: identifier) as client:
        client.wait_until_settled()
        client.translate(q="<p class='en'>de &amp; dog</p>", source="auto", target="en", format="html")
    assert [text.split() for text in identifier.asked] == [["de", "&", "dog"]]


@pytest.mark.parametrize("text", ["<" * 100_000, "<a" * 50_000, "&" * 100_000])
def test_broken_tags_take_no_time(text: str) -> None:
    assert len(without_tags(text)) <= len(text)


def test_detection_names_the_likeliest_languages_first(client: Client) -> None:
    for asked in ({"data": {"q": "fr chien"}}, {"json": {"q": "fr chien"}}, {"params": {"q": "fr chien"}}):
        found = client.post("/detect", **asked).json()
        assert found[0] == {"confidence": 90.0, "language": "fr"}
        assert [one["confidence"] for one in found] == sorted((one["confidence"] for one in found), reverse=True)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({}, "Invalid request: missing q parameter"),
        ({"q": ["a", "b"]}, "Invalid request: q parameter is not text"),
        ({"q": "x" * 101}, "Invalid request: request (101) exceeds text limit (100)"),
    ],
)
def test_what_detection_refuses(client: Client, fault: dict[str, object], message: str) -> None:
    reply = client.post("/detect", json=fault)
    assert reply.status_code == 400 and reply.json() == {"error": message}


def test_without_an_identifier_detection_is_refused_and_all_else_works() -> None:
    translator = FakeTranslator(PAIRS)
    with starting(lambda: translator, missing, sources=source_of(lambda: translator)) as client:
        client.wait_until_settled()
        for reply in (client.post("/detect", data={"q": "x"}), client.translate(q="x", source="auto")):
            assert reply.status_code == 400 and "language detection is not available" in reply.json()["error"]
        assert client.translate(q="x").status_code == 200
        only = client.translate(q=["A dog", "x"], source="auto", target="en").json()
        assert only["detectedLanguage"] == [{"confidence": 0.0, "language": "de"}] * 2


def test_auto_is_refused_where_nothing_can_be_told() -> None:
    with starting(lambda: FakeTranslator([("aa", "de"), ("bb", "de")])) as client:
        client.wait_until_settled()
        reply = client.translate(q="x", source="auto")
        assert reply.status_code == 400 and reply.json()["error"].endswith("one of aa, bb")
        nowhere = client.translate(q="x", source="auto", target="aa")
        assert nowhere.status_code == 400 and "from any language" in nowhere.json()["error"]
        assert client.translate(q="x", source="aa", target="auto").json() == {"error": "auto is not supported"}


def test_an_identifier_is_loaded_once() -> None:
    loads = []

    def load() -> Identifying:
        loads.append(1)
        return FakeIdentifier()

    detector = Detector(load)
    for _ in range(3):
        detector.sources(["en"], "de", Languages(FakeTranslator(PAIRS).directions))
    assert loads == [1]
