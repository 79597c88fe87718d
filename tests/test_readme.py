"""What the README says of commands and settings is what the code has."""

import json
import re
from pathlib import Path

import pytest
import typer.main

from nmt.cli.app import build
from service.app import create_app
from service.schemas import SegmentShape
from service.settings import Settings
from training.tasks import load_run_config

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def shown(default: object) -> str:
    if default is None:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)


def test_every_setting_is_in_the_table_as_it_is_in_the_code() -> None:
    rows = [f"| `NMT_{name.upper()}` | {shown(field.default)} | {field.description} |"
            for name, field in Settings.model_fields.items()]  # fmt: skip
    assert [line for line in README.splitlines() if line.startswith("| `NMT_")] == rows


def test_the_reply_that_is_shown_has_the_keys_of_a_reply() -> None:
    (reply,) = re.findall(r"```json\n(\{\n  \"translatedText.*?)```", README, re.DOTALL)
    (segment,) = json.loads(reply)["segments"]
    assert list(segment) == list(SegmentShape.model_fields)


def test_the_service_has_the_addresses_in_the_table() -> None:
    named = {
        path for row in README.splitlines() if row.startswith("| `") for path in re.findall(r"`[A-Z]+ (/\S*)`", row)
    }
    assert named
    assert named <= {*create_app(Settings()).openapi()["paths"], "/", "/docs", "/openapi.json"}


@pytest.mark.parametrize("line", re.findall(r"\bnmt (?:translate|score|evaluate|info)\b(?! *`)[^<>|#\n]*", README))
def test_nmt_takes_the_commands_that_are_shown(line: str) -> None:
    _, name, *words = line.split()
    commands = typer.main.get_group(build()).commands
    commands[name].make_context(name, words)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", README))))
def test_make_has_the_targets_that_are_named(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?://)([^)#]+)\)", README))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_configuration_shown_is_one_that_training_takes(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "my.toml").write_text(block)
    overrides = re.findall(r"^nmt train my.toml (\S+=\S+)", README, re.MULTILINE)
    assert overrides
    assert load_run_config(tmp_path / "my.toml", overrides).output.folder == "runs/my"
