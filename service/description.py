"""The OpenAPI document."""

import copy
from typing import Any

from service.requests import DetectRequest, TranslateRequest
from service.settings import Settings

JSON = "application/json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
EVENTS = {
    "schema": {
        "title": "TranslateEvent",
        "description": "one server-sent event",
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"enum": ["partial", "segment", "done", "error"]},
            "data": {"type": "string", "contentMediaType": JSON},
        },
    }
}


def body_of(name: str) -> dict[str, Any]:
    """What an operation says of its body, which may be JSON of the shape `nameRequest` or a form, `nameForm`."""
    kinds = {JSON: f"{name}Request"} | dict.fromkeys(FORMS, f"{name}Form")
    content = {kind: {"schema": {"$ref": f"#/components/schemas/{shape}"}} for kind, shape in kinds.items()}
    return {"requestBody": {"required": True, "content": content}}


def described(schema: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The OpenAPI document with the shapes of requests and this server's limits in it."""
    translate, detect = _translate(settings), DetectRequest.model_json_schema()
    detect["properties"]["q"] |= {"minLength": 1, "maxLength": settings.max_text_characters}
    schema["components"]["schemas"] |= {
        "TranslateRequest": with_nulls(translate),
        "TranslateForm": as_form(translate),
        "DetectRequest": with_nulls(detect),
        "DetectForm": as_form(detect),
    }
    schema["paths"]["/translate"]["post"]["responses"]["200"]["content"]["text/event-stream"] = EVENTS
    return schema


def _translate(settings: Settings) -> dict[str, Any]:
    shape = TranslateRequest.model_json_schema()
    properties = shape["properties"]
    limits = {
        "alternatives": settings.most_alternatives,
        "beam_size": settings.max_beam_size,
        "max_length": settings.max_output_tokens,
    }
    for name, limit in limits.items():
        number, *_ = properties[name].get("anyOf", [properties[name]])
        number["maximum"] = limit
    text, texts = properties["q"]["anyOf"]
    text |= {"minLength": 1, "maxLength": settings.max_text_characters}
    texts["items"]["maxLength"] = settings.max_text_characters
    texts |= {"minItems": 1, "maxItems": settings.max_texts}
    properties["source"]["minLength"] = properties["target"]["minLength"] = 1
    properties["beam_size"]["default"] = settings.beam_size
    properties["attention"]["default"] = settings.attention
    properties["glossary"]["maxProperties"] = settings.max_glossary_terms
    patterns = {key: properties["protect"].pop(key) for key in ("type", "items")}
    properties["protect"]["anyOf"] = [patterns | {"maxItems": settings.max_protect_patterns}, {"type": "string"}]
    return shape


def with_nulls(shape: dict[str, Any]) -> dict[str, Any]:
    """The same request in JSON, where null counts as absent, and 0 and 1 as false and true."""
    nullable = copy.deepcopy(shape)
    for name, entry in nullable["properties"].items():
        if name in shape["required"]:
            continue
        if entry.get("type") == "boolean" or {"type": "boolean"} in entry.get("anyOf", []):
            entry.pop("type", None)
            entry["anyOf"] = [{"type": "boolean"}, {"type": "null"}, {"enum": [0, 1, "0", "1", "false", "true"]}]
        elif "anyOf" not in entry:
            entry["type"] = [entry["type"], "null"]
        elif {"type": "null"} not in entry["anyOf"]:
            entry["anyOf"].append({"type": "null"})
        if "enum" in entry:
            entry["enum"] = [*entry["enum"], None]
    return nullable


def as_form(shape: dict[str, Any]) -> dict[str, Any]:
    """The same request as a form: nothing is null there, and a mapping is written as JSON."""
    form = copy.deepcopy(shape)
    form["title"] = form["title"].replace("Request", "Form")
    form.pop("example", None)
    for entry in form["properties"].values():
        choices = [choice for choice in entry.pop("anyOf", []) if choice.get("type") != "null"]
        if len(choices) == 1:
            entry |= choices[0]
        elif choices:
            entry["anyOf"] = choices
        if entry.get("type") == "object":
            for key in ("additionalProperties", "maxProperties"):
                entry.pop(key, None)
            entry |= {"type": "string", "contentMediaType": JSON, "default": "{}"}
        if entry.get("default", 0) is None:
            del entry["default"]
    return form
