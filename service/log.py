"""The log: lines of text or of JSON, each with the id of its request, none with what users write."""

import json
import logging
import re
import secrets
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

request_id: ContextVar[str] = ContextVar("request_id", default="")
_SANE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_TEXT = "%(asctime)s %(levelname)s %(message)s"


def chosen_id(given: str | None) -> str:
    """The request id that a proxy gave, where it is short and plain; else a new one of 16 hexadecimal digits."""
    return given if given is not None and _SANE.fullmatch(given) else secrets.token_hex(8)


class JsonFormatter(logging.Formatter):
    """One JSON object on a line: time (UTC), level, logger, message, and what `extra={"fields": ...}` holds."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            entry["request_id"] = request_id.get()
        entry |= getattr(record, "fields", {})
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def configure_log(kind: Literal["text", "json"] = "text") -> None:
    """One line for each request, and the server's warnings, on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if kind == "json" else logging.Formatter(_TEXT))
    logging.basicConfig(handlers=[handler])
    logging.getLogger("service").setLevel(logging.INFO)
