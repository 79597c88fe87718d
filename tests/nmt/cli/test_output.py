"""Results reach their place as UTF-8, or the user hears why not."""

import sys
from io import BytesIO
from pathlib import Path

import pytest

from nmt.cli.output import LineWriter, opened_output
from nmt.errors import InputError


def test_lines_are_utf_8_whatever_the_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with opened_output(None) as write:
            write("grün 😀")
    assert (tmp_path / "out").read_bytes() == "grün 😀\n".encode()


def test_one_text_is_one_line() -> None:
    stream = BytesIO()
    LineWriter(stream, flush=True)("a\nb")
    assert stream.getvalue() == b"a b\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_told() -> None:
    with (
        pytest.raises(InputError, match=r"can't write /dev/full: No space left"),
        opened_output(Path("/dev/full")) as write,
    ):
        write("a")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"can't write .*: Is a directory"), opened_output(tmp_path):
        pass
