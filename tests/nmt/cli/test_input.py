"""Lines are counted ahead only where that loses nothing."""

import os
from io import BytesIO
from pathlib import Path

import pytest

from nmt.cli.input import lines_ahead, opened_input
from nmt.cli.progress import progress_is_visible, with_progress
from nmt.errors import InputError


def test_lines_ahead_are_still_there(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("a\nb\nc")
    with opened_input(tmp_path / "in") as stream:
        assert lines_ahead(stream) == 3
        assert stream.readline() == b"a\n"
        assert lines_ahead(stream) == 2
        assert stream.read() == b"b\nc"


def test_nobody_knows_the_length_of_a_pipe() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"a\nb\n")
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        assert lines_ahead(stream) is None
        assert stream.read() == b"a\nb\n"
    assert lines_ahead(BytesIO(b"a\n")) is None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"can't read .*missing"), opened_input(tmp_path / "missing"):
        pass


@pytest.mark.parametrize("total", [None, 3, 5])
def test_progress_changes_nothing(total: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(with_progress("abc", total, "Translating")) == ["a", "b", "c"]
    assert capsys.readouterr().out == ""


def test_progress_without_a_total_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    list(with_progress("abc", None, "Translating"))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("errors_seen", "results_seen", "output", "visible"),
    [
        (True, False, None, True),
        (True, True, None, False),
        (True, True, Path("out"), True),
        (False, False, None, False),
        (False, False, Path("out"), False),
    ],
)
def test_progress_is_shown_on_a_terminal_without_results(
    monkeypatch: pytest.MonkeyPatch, errors_seen: bool, results_seen: bool, output: Path | None, visible: bool
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: errors_seen)
    monkeypatch.setattr("sys.stdout.isatty", lambda: results_seen)
    assert progress_is_visible(output) is visible
