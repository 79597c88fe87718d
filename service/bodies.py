"""Reading the parameters of a request: JSON when the content type says so, else a form or the query string."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request

from nmt.errors import InputError
from service.errors import ClientLeftError

MOST_FIELDS = 1000


async def read_parameters(request: Request, most_bytes: int) -> Mapping[str, object]:
    """Names and values. A form's name that occurs several times has a list of its values.

    The values of forms have their line ends as LF, whatever the client's system; what a form lacks is taken from the
    query string. Raises InputError for what can't be read, ClientLeftError where the body breaks off.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json" or kind.endswith("+json"):
            return _json_object(await request.body())
        query = _urlencoded(request.scope["query_string"])
        if kind == "multipart/form-data":
            return {**query, **_fields(await _multipart(request, most_bytes))}
        body = await request.body()
        return {**query, **_urlencoded(body if kind == "application/x-www-form-urlencoded" else b"")}
    except ClientDisconnect:
        raise ClientLeftError from None


def _json_object(body: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError("Invalid JSON format")
    return value


async def _multipart(request: Request, most_bytes: int) -> list[tuple[str, str]]:
    try:
        form: FormData = await request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=most_bytes)
    except UnicodeError:
        raise InputError("Invalid request: the form is in an encoding that can't be read") from None
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _urlencoded(body: bytes) -> Mapping[str, object]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError:
        raise InputError("Invalid request: the form is not valid UTF-8") from None
    except ValueError:
        raise InputError(f"Invalid request: the form has more than {MOST_FIELDS} fields") from None
    return _fields(pairs)


def _fields(pairs: list[tuple[str, str]]) -> Mapping[str, object]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\r", "\n"))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
