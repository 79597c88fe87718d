"""Sub-commands of other packages are listed without being loaded, and fail alone."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from nmt.cli import plugins

FILES = {
    "greeting.py": '''
import typer

def greet(name: str, loud: bool = False) -> None:
    """Say hello [politely],
    and nothing else.

    Only the first paragraph is a summary.
    """
    print("HELLO" if loud else "hello", name)

sub = typer.Typer()

@sub.command()
def wave() -> None:
    """Wave."""
    print("waved")

@sub.command()
def shrug() -> None:
    """Shrug."""
    print(1 / 0)
''',
    "needy.py": '"""Needs much."""\nimport not_installed_at_all\n',
    "unread.py": "raise AssertionError('listing commands must not import them')\n\ndef go(): 'Go far.'\n",
    "wrong.py": "def broken(:\n",
}
COMMANDS = {
    "greet": "greeting:greet",
    "hands": "greeting:sub",
    "needy": "needy:go",
    "unread": "unread:go",
    "wrong": "wrong:go",
    "absent": "absent_module:go",
    "info": "greeting:greet",
}


@pytest.fixture(autouse=True)
def _packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    points = [EntryPoint(name, value, plugins.GROUP) for name, value in COMMANDS.items()]
    monkeypatch.setattr(plugins, "entry_points", lambda group: points if group == plugins.GROUP else [])
    yield
    for name in FILES:
        sys.modules.pop(name.removesuffix(".py"), None)


def test_a_function_becomes_a_command(run) -> None:
    assert run("greet", "you").out == "hello you\n"
    assert run("greet", "--loud", "you").out == "HELLO you\n"


def test_an_application_becomes_a_command(run) -> None:
    assert run("hands", "wave").out == "waved\n"


def test_a_command_explains_itself(run) -> None:
    text = run("greet", "--help").out
    assert "nmt greet" in text and "--loud" in text and "Only the first paragraph is a summary." in text


def test_a_wrong_use_ends_as_that_of_any_command(run) -> None:
    result = run("greet")
    assert (result.status, result.out) == (2, "")
    assert "nmt greet" in result.err


def test_listing_loads_none_of_them(run) -> None:
    result = run("--help")
    assert result.status == 0
    words = " ".join(result.out.replace("│", " ").split())
    assert "greet Say hello [politely], and nothing else." in words
    assert "unread Go far." in words
    assert "needy Needs much." in words
    assert "absent (from absent_module:go" in words
    assert not {"greeting", "needy", "unread"} & sys.modules.keys()


def test_a_missing_dependency_is_told_when_the_command_is_used(run) -> None:
    result = run("needy")
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "nmt: error: the command 'needy' can't be loaded from needy:go: No module named 'not_installed_at_all'\n"
    )
    assert run("absent").err.startswith("nmt: error: the command 'absent' can't be loaded")
    assert run("greet", "you").status == 0


def test_no_plugin_takes_the_place_of_a_command_of_ours(run, shouter) -> None:
    assert run("info").out.startswith("name")


def test_a_bug_keeps_its_trace(run) -> None:
    from nmt.cli import main

    with pytest.raises(ZeroDivisionError):
        main(["hands", "shrug"])
    with pytest.raises(AssertionError, match="listing"):
        main(["unread"])
