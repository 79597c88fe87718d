"""What a run says can't stop it."""

import errno
import io
import sys

import pytest

from training.console import error_console


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise BrokenPipeError


def test_it_goes_where_errors_go(capsys: pytest.CaptureFixture[str]) -> None:
    error_console().print("step 1")
    assert capsys.readouterr() == ("", "step 1\n")


def test_without_standard_error_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    error_console().print("step 1")


def test_what_nobody_reads_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Full())
    error_console().print("step 1")
