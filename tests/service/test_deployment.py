"""What the documentation of operation and compose.yaml name is there."""

import re
from pathlib import Path

import pytest

from service.settings import Settings
from tests.service.client import Client

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
DOCUMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [COMPOSE, DOCUMENT], ids=["compose.yaml", "deployment.md"])
def test_settings_that_are_named_exist(text: str) -> None:
    named = {name.lower() for name in re.findall(r"\bNMT_([A-Z_]+)\b", text)}
    assert named and named <= set(Settings.model_fields)


def test_metrics_that_are_named_exist(client: Client) -> None:
    client.translate(q="A")
    client.translate(q="")
    served = client.get("/metrics").text
    named = set(re.findall(r"`(nmt_[a-z_]+|process_[a-z_]+)`", DOCUMENT))
    assert {name for name in named if name not in served} == set()


def test_reasons_that_are_named_exist() -> None:
    from service import errors

    reasons = {error.reason for error in vars(errors).values() if hasattr(error, "reason")} | {"bad_input"}
    (row,) = re.findall(r"`nmt_refused_total` \| by reason: (.*), \.\.\.", DOCUMENT)
    assert set(re.findall("`(.+?)`", row)) <= reasons


def test_compose_asks_what_the_image_asks() -> None:
    (image,) = re.findall(r'"(import http\.client.*?)"\]', (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    (compose,) = re.findall(r'"(import http\.client.*?)"\n', COMPOSE)
    assert image == compose


@pytest.mark.parametrize("line", ["read_only: true", "no-new-privileges:true", "mem_limit:", "cap_drop:", "cpus:"])
def test_compose_gives_no_more_than_is_needed(line: str) -> None:
    assert line in COMPOSE
