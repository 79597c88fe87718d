"""The contract of POST /translate."""

import json
import math
import tracemalloc
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nmt.errors import InputError
from nmt.text.options import TextOptions
from service.requests import TranslateRequest
from tests.service.client import Client, serving
from tests.service.fakes import FakeTranslator

JSON = {"content-type": "application/json"}
TEXT, TRANSLATION = "A dog runs on the beach.", "ein Hund läuft am dem Strand."


def error_of(response: httpx.Response, status: int = 400) -> str:
    assert response.status_code == status, response.text
    body = response.json()
    assert list(body) == ["error"]
    return str(body["error"])


def test_a_text_gives_a_text(client: Client) -> None:
    reply = client.translate(q=TEXT)
    assert reply.status_code == 200
    assert reply.json()["translatedText"] == TRANSLATION
    assert set(reply.json()) == {"translatedText", "segments"}


def test_a_list_gives_a_list_in_the_same_order(client: Client) -> None:
    reply = client.translate(q=["A dog", "the beach.", " "]).json()
    assert reply["translatedText"] == ["ein Hund", "dem Strand.", " "]
    assert [len(segments) for segments in reply["segments"]] == [1, 1, 0]


def test_a_list_of_one_is_still_a_list(client: Client) -> None:
    assert client.translate(q=["A dog"], alternatives=1).json()["alternatives"] == [["ein Hund!"]]


@pytest.mark.parametrize("text", [" ", "\n\n", "😀", "…", "\u200b"])
def test_what_has_no_words_comes_back_as_it_is(client: Client, text: str) -> None:
    reply = client.translate(q=text, alternatives=2).json()
    assert reply == {"translatedText": text, "segments": [], "alternatives": [], "alternativeSegments": []}


@pytest.mark.parametrize("text", ["a\0b", "dog 😀 runs", "  dog\n", "日本語 dog", "\ufeffdog"])
def test_nothing_of_a_text_is_lost_on_the_way(client: Client, text: str) -> None:
    expected = text.replace("dog", "Hund").replace("runs", "läuft") if text.split() != ["\ufeffdog"] else text
    assert client.translate(q=text).json()["translatedText"] == expected


def test_alternatives_are_further_ones_and_have_segments_of_their_own(client: Client) -> None:
    reply = client.translate(q="A dog", alternatives=2).json()
    assert reply["alternatives"] == ["ein Hund!", "ein Hund!!"]
    assert [[segment["target"]["end"] for segment in found] for found in reply["alternativeSegments"]] == [[9], [10]]


def test_a_segment_has_spans_weights_links_and_scores(client: Client) -> None:
    text = "  A dog\n"
    reply = client.translate(q=text).json()
    (segment,) = reply["segments"]
    source, target = segment["source"], segment["target"]
    assert (source["start"], source["end"]) == (2, 7)
    for side, whole in ((source, text), (target, reply["translatedText"])):
        for word in side["words"]:
            assert whole[word["start"] : word["end"]] == word["text"]
            assert 0 <= word["firstToken"] < word["lastToken"] <= len(side["tokens"])
        for token in side["tokens"]:
            assert token["special"] or whole[token["start"] : token["end"]] == token["piece"].lstrip("▁")
    assert source["tokens"][0]["special"] and target["tokens"][-1]["special"]
    assert segment["links"] == [[0, 0], [1, 1]]
    assert segment["score"]["logProbability"] == pytest.approx(sum(segment["score"]["tokens"]))
    assert segment["warnings"] == []


def test_attention_is_target_by_source_and_rounded(client: Client) -> None:
    (segment,) = client.translate(q=TEXT).json()["segments"]
    weights, words = segment["attention"], segment["wordAttention"]
    assert len(weights) == len(segment["target"]["tokens"]) and len(words) == len(segment["target"]["words"])
    assert {len(row) for row in weights} == {len(segment["source"]["tokens"])}
    assert {len(row) for row in words} == {len(segment["source"]["words"])}
    assert all(math.isclose(sum(row), 1, abs_tol=1e-3) for row in weights)
    assert all(value == round(value, 4) for row in weights + words for value in row)


@pytest.mark.parametrize("no", [False, "false", 0])
def test_attention_can_be_left_out(client: Client, no: object) -> None:
    reply = client.translate(q=TEXT, alternatives=1, attention=no).json()
    for segment in [*reply["segments"], *reply["alternativeSegments"][0]]:
        assert not {"attention", "wordAttention"} & set(segment)


def test_an_operator_can_leave_attention_out_by_default() -> None:
    with serving(attention=False) as client:
        assert "attention" not in client.translate(q=TEXT).json()["segments"][0]
        assert "attention" in client.translate(q=TEXT, attention=True).json()["segments"][0]


def test_a_model_without_attention_answers_null() -> None:
    with serving(FakeTranslator(attention=False)) as client:
        (segment,) = client.translate(q=TEXT).json()["segments"]
        assert segment["attention"] is None and segment["wordAttention"] is None and segment["links"] == []


def test_warnings_are_passed_on(client: Client) -> None:
    assert client.translate(q="again again").json()["segments"][0]["warnings"] == ["repetition"]


# Ways to ask


def test_json_form_and_query_string_give_the_same(client: Client) -> None:
    asked: dict[str, Any] = {"q": TEXT, "source": "en", "target": "de", "alternatives": "1", "beam_size": "3"}
    replies = [
        client.post("/translate", json=asked),
        client.post("/translate", content=json.dumps(asked), headers={"content-type": "application/ld+json; x=y"}),
        client.post("/translate", data=asked),
        client.post("/translate", files={name: (None, value) for name, value in asked.items()}),
        client.post("/translate", params=asked),
        client.post("/translate", params={"source": "en", "target": "fr"}, data={**asked}),
    ]
    assert [reply.status_code for reply in replies] == [200] * len(replies)
    assert len({reply.text for reply in replies}) == 1


def test_a_form_may_be_plain_utf8(client: Client) -> None:
    body = "q=grüße+%F0%9F%98%80&source=en&target=de".encode()
    reply = client.post("/translate", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert reply.json()["translatedText"] == "grüße 😀"


def test_a_repeated_q_of_a_form_is_a_list(client: Client) -> None:
    reply = client.post("/translate", data={"q": ["A", "dog"], "source": "en", "target": "de"})
    assert reply.json()["translatedText"] == ["ein", "Hund"]


@pytest.mark.parametrize("kind", ["data", "params", "files"])
def test_line_ends_of_forms_become_line_feeds(kind: str) -> None:
    fields: dict[str, Any] = {"q": "a\r\nb\rc\nd", "source": "en", "target": "de"}
    translator = FakeTranslator()
    with serving(translator) as client:
        client.post("/translate", **{kind: {k: (None, v) for k, v in fields.items()} if kind == "files" else fields})
        client.translate(q="a\r\nb")
    assert translator.texts == ["a\nb\nc\nd", "a\r\nb"]


def test_unknown_keys_and_any_api_key_are_ignored(client: Client) -> None:
    for key in (None, "", "secret"):
        assert client.translate(q="A dog", api_key=key, whatever={"x": [1]}).status_code == 200


@pytest.mark.parametrize("name", ["alternatives", "format", "beam_size", "length_penalty", "max_length", "attention"])
@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_parameter_is_an_absent_one(client: Client, name: str, empty: object) -> None:
    assert client.translate(q="A dog", **{name: empty}).json() == client.translate(q="A dog").json()


def test_how_to_search_reaches_the_translator() -> None:
    translator = FakeTranslator()
    with serving(translator) as client:
        client.translate(q="A")
        client.translate(q="A", beam_size=2, length_penalty=0.5, max_length=9)
        client.translate(q="A", beam_size=1, alternatives=3)
    options = [options for _, options, _ in translator.calls]
    assert [(o.beam_size, o.n_best) for o in options] == [(5, 1), (2, 1), (4, 4)]
    assert (options[1].length_penalty, options[1].max_length) == (0.5, 9)


# What is refused, in which words, and in which order

FAULTS: list[tuple[dict[str, object], str]] = [
    ({"q": None}, "Invalid request: missing q parameter"),
    ({"source": None}, "Invalid request: missing source parameter"),
    ({"target": None}, "Invalid request: missing target parameter"),
    ({"alternatives": "many"}, "Invalid request: alternatives parameter is not a number"),
    ({"alternatives": 6}, "Invalid request: alternatives parameter must be <= 5"),
    ({"q": ["x"] * 4}, "Invalid request: request (4) exceeds text limit (3)"),
    ({"q": "x" * 101}, "Invalid request: request (101) exceeds text limit (100)"),
    ({"source": "zz"}, "zz is not supported"),
    ({"target": "yy"}, "yy is not supported"),
    ({"format": "xml"}, "xml format is not supported"),
    ({"target": "en"}, "English (en) is not available as a target language from English (en)"),
]


@pytest.mark.parametrize("first", range(len(FAULTS)))
def test_checks_come_in_their_order(client: Client, first: int) -> None:
    fault, message = FAULTS[first]
    body = {"q": "x", "source": "en", "target": "de"}
    assert error_of(client.post("/translate", json={**body, **fault})) == message
    for other, _ in FAULTS[first + 1 :]:
        assert error_of(client.post("/translate", json={**body, **other, **fault})) == message


@pytest.mark.parametrize("empty", ["", None, []])
def test_an_empty_q_is_a_missing_one(client: Client, empty: object) -> None:
    assert error_of(client.translate(q=empty)) == "Invalid request: missing q parameter"


def test_an_empty_request_misses_q(client: Client) -> None:
    assert error_of(client.post("/translate")) == "Invalid request: missing q parameter"
    assert error_of(client.post("/translate", json={})) == "Invalid request: missing q parameter"


@pytest.mark.parametrize("body", ["[1]", '"x"', "3", "null", "{", "", "\xff", "[" * 100_000, '{"q": 1' + "0" * 5000])
def test_json_that_is_no_object_is_refused(client: Client, body: str) -> None:
    reply = client.post("/translate", content=body.encode("latin-1"), headers=JSON)
    assert error_of(reply) == "Invalid JSON format"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"q": 3}, "q parameter is not text or a list of texts"),
        ({"q": {"a": "b"}}, "q parameter is not text or a list of texts"),
        ({"q": ["x", None]}, "q parameter is not text or a list of texts"),
        ({"source": ["en"]}, "source parameter is not text"),
        ({"alternatives": -1}, "alternatives parameter must be >= 0"),
        ({"alternatives": 1.5}, "alternatives parameter is not a number"),
        ({"alternatives": "9" * 5000}, "alternatives parameter is not a number"),
        ({"beam_size": 0}, "beam_size parameter must be >= 1"),
        ({"beam_size": 11}, "beam_size parameter must be <= 10"),
        ({"length_penalty": -0.1}, "length_penalty parameter must be >= 0.0"),
        ({"length_penalty": 5.1}, "length_penalty parameter must be <= 5.0"),
        ({"length_penalty": "nan"}, "length_penalty parameter is not a number"),
        ({"max_length": 513}, "max_length parameter must be <= 512"),
        ({"length_penalty": False}, "length_penalty parameter is not a number"),
        ({"alternatives": True}, "alternatives parameter is not a number"),
        ({"beam_size": True}, "beam_size parameter is not a number"),
        ({"attention": "perhaps"}, "attention parameter is not true or false"),
        ({"stream": "perhaps"}, "stream parameter is not true or false"),
        ({"spelling": "perhaps"}, "spelling parameter is not true or false"),
        ({"glossary": "dog"}, "glossary parameter is not a mapping of terms to terms"),
        ({"glossary": {"dog": 1}}, "glossary parameter is not a mapping of terms to terms"),
        ({"glossary": {str(i): "x" for i in range(51)}}, "glossary parameter has 51 entries, at most 50 are allowed"),
        ({"glossary": {"x" * 201: "x"}}, "glossary parameter has a term of 201 characters, at most 200 are allowed"),
        ({"protect": {"a": "b"}}, "protect parameter is not a list of regular expressions"),
        ({"protect": ["x"] * 11}, "protect parameter has 11 entries, at most 10 are allowed"),
    ],
)
def test_parameters_have_bounds(client: Client, fault: dict[str, object], message: str) -> None:
    assert error_of(client.post("/translate", json={"q": "x", "source": "en", "target": "de", **fault})) == (
        f"Invalid request: {message}"
    )


def test_no_parameter_passes_by_the_limit_of_another() -> None:
    translator = FakeTranslator()
    with serving(translator, beam_size=1, max_beam_size=2, max_output_tokens=64) as client:
        message = error_of(client.translate(q="A", alternatives=2))
        assert message == "Invalid request: alternatives parameter must be <= 1"
        client.translate(q="A", alternatives=1)
    ((_, options, _),) = translator.calls
    assert (options.beam_size, options.max_length) == (2, 64)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"q": [0] * 400_000}, "q parameter is not text or a list of texts"),
        ({"protect": [0] * 400_000}, "protect parameter is not a list of regular expressions"),
        (
            {"glossary": dict.fromkeys(map(str, range(80_000)), 0)},
            "glossary parameter is not a mapping of terms to terms",
        ),
    ],
)
def test_of_many_faults_one_is_looked_at(fault: dict[str, Any], message: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=message):
            TranslateRequest.read({"q": "x", "source": "en", "target": "de", **fault})
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_form_in_an_encoding_that_can_not_be_read_is_refused(client: Client) -> None:
    headers = {"content-type": "multipart/form-data; boundary=B; charset=undefined"}
    body = b'--B\r\nContent-Disposition: form-data; name="q"\r\n\r\nx\r\n--B--\r\n'
    message = error_of(client.post("/translate", content=body, headers=headers))
    assert message == "Invalid request: the form is in an encoding that can't be read"


@pytest.mark.parametrize("escaped", ['"q": "ab\\ud800"', '"q": ["ab", "ab\\ud800"]', '"q": "x", "source": "ab\\ud800"'])
def test_a_lone_surrogate_is_refused(client: Client, escaped: str) -> None:
    body = f'{{"source": "en", "target": "de", {escaped}}}'
    message = error_of(client.post("/translate", content=body, headers=JSON))
    assert "lone surrogate (U+D800) at character 2" in message


def test_a_surrogate_in_a_key_that_nobody_reads_is_ignored(client: Client) -> None:
    body = '{"q": "x", "source": "en", "target": "de", "\\ud800": "\\udfff"}'
    assert client.post("/translate", content=body, headers=JSON).status_code == 200


def test_a_form_that_is_not_utf8_is_refused(client: Client) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    for body in (b"q=%ff&source=en&target=de", b"q=\xff&source=en&target=de"):
        message = error_of(client.post("/translate", content=body, headers=headers))
        assert message == "Invalid request: the form is not valid UTF-8"


def test_how_to_read_reaches_the_translator() -> None:
    translator = FakeTranslator()
    with serving(translator) as client:
        client.translate(q="A", format="html", glossary={"dog": "Köter"}, protect=["x+", "y"])
        form = {"q": "A", "source": "en", "target": "de", "glossary": '{"dog": "Köter"}', "protect": ["x+", "y"]}
        client.post("/translate", data=form)
        client.post("/translate", data={**form, "protect": "x+", "spelling": "false"})
    html, several, one = (options for _, _, options in translator.calls)
    assert html == TextOptions(format="html", glossary=(("dog", "Köter"),), protect=("x+", "y"))
    assert several == replace(html, format="text") and one == replace(several, protect=("x+",), spelling=False)


def test_terms_that_clash_are_refused(client: Client) -> None:
    assert "glossary" in error_of(client.translate(q="x", glossary={"Dog": "a", "dog": "b"}))


def test_a_hundred_thousand_characters_are_refused_by_the_limit() -> None:
    with serving() as client:
        message = "Invalid request: request (100000) exceeds text limit (5000)"
        assert error_of(client.translate(q="x" * 100_000)) == message


def test_an_unknown_language_is_not_echoed_at_length(client: Client) -> None:
    assert len(error_of(client.translate(q="x", source="z" * 10_000))) < 100


def test_the_translators_own_refusal_is_passed_on() -> None:
    with serving() as client:
        assert error_of(client.translate(q="x " * 300)) == "the text has more than 200 words"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = [
    "stream",
    "spelling",
    "glossary",
    "protect",
    "api_key",
    "q",
    "source",
    "target",
    "alternatives",
    "format",
    "attention",
    "beam_size",
    "length_penalty",
    "max_length",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_whatever_is_sent_is_answered_in_shape(client: Client, values: dict[str, object]) -> None:
    good = {"q": "x", "source": "en", "target": "de"}
    reply = client.post("/translate", content=json.dumps({**good, **values}), headers=JSON)
    assert reply.status_code == 200 or error_of(reply)
