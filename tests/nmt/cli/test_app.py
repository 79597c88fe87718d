"""The command as a whole: quick, and clear about mistakes."""

import subprocess
import sys
from pathlib import Path

import pytest

import nmt
from nmt.cli import app

HEAVY = {"torch", "numpy", "sacrebleu", "sentencepiece", "safetensors", "fastapi"}


def test_the_version_is_shown(run) -> None:
    assert run("--version").out == f"nmt {nmt.__version__}\n"


@pytest.mark.parametrize("command", ["", *app.COMMANDS])
def test_help_teaches_by_example(run, command) -> None:
    result = run(*command.split(), "--help")
    assert result.status == 0
    assert "Examples:" in result.out and f" nmt {command}" in result.out
    examples = result.out.partition("Examples:")[2].partition("╭")[0].splitlines()
    assert all(line.startswith("   ") for line in examples if line.strip()), "examples fit their lines"


def test_help_is_quick() -> None:
    code = f"""
import sys
from nmt.cli import main
try:
    main(["translate", "--help"])
except SystemExit:
    print(*sorted({HEAVY} & sys.modules.keys()), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.split() == []


def test_an_unknown_command_is_refused(run) -> None:
    result = run("translte")
    assert (result.status, result.out) == (2, "")
    assert "translte" in result.err


def test_an_error_is_one_line_whatever_it_says(run, tmp_path: Path) -> None:
    result = run("info", "--model", tmp_path / "two\nlines")
    assert result.status == 2
    assert result.err.startswith("nmt: error: ") and result.err.count("\n") == 1


def test_a_bug_keeps_its_trace(shouter, monkeypatch) -> None:
    monkeypatch.setattr(type(shouter), "describe", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        app.main(["info"])
