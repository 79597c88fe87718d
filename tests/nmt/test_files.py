"""A file or a folder is replaced as a whole or stays as it was."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nmt.files import previous_name, replace_file, replace_folder, user_path

OLD, NEW = {"a": b"old", "b": b"old too"}, {"a": b"new", "c": b"x" * 10_000}


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def failing(function: Callable[..., object], calls_that_work: int) -> Callable[..., object]:
    """`function` until the disk is full."""
    left = iter(range(calls_that_work))

    def limited(*arguments: object, **options: object) -> object:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return function(*arguments, **options)

    return limited


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "deep" / "model"
    assert {path.name for path in (tmp_path / "deep").iterdir()} <= {"model"}


def test_a_new_folder_holds_the_files(folder: Path) -> None:
    replace_folder(folder, NEW)
    assert content(folder) == NEW


def test_an_earlier_folder_is_replaced_as_a_whole(folder: Path) -> None:
    replace_folder(folder, OLD)
    replace_folder(folder, NEW)
    assert content(folder) == NEW


@pytest.mark.parametrize("calls_that_work", range(3))
@pytest.mark.parametrize("there_before", [True, False])
def test_a_full_disk_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, there_before: bool, calls_that_work: int
) -> None:
    if there_before:
        replace_folder(folder, OLD)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing(os.fsync, calls_that_work))
        with pytest.raises(OSError, match="No space left"):
            replace_folder(folder, NEW)
    assert (content(folder) == OLD) if there_before else not folder.exists()
    replace_folder(folder, NEW)
    assert content(folder) == NEW


def test_a_folder_that_can_not_take_its_name_leaves_the_earlier_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_folder(folder, OLD)
    rename = Path.rename

    def refuse_partial(path: Path, to: Path) -> Path:
        if path.name.endswith(".partial"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, to)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse_partial)
        with pytest.raises(OSError, match="Input/output"):
            replace_folder(folder, NEW)
    assert content(folder) == OLD


def test_what_an_interrupted_call_left_is_put_right(folder: Path) -> None:
    replace_folder(folder, OLD)
    folder.rename(previous_name(folder))
    partial = folder.with_name(".model.partial")
    partial.mkdir()
    (partial / "a").write_bytes(b"half")
    replace_folder(folder, NEW)
    assert content(folder) == NEW


def test_an_interrupted_call_and_a_full_disk_leave_the_earlier_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_folder(folder, OLD)
    folder.rename(previous_name(folder))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing(os.fsync, 0))
        with pytest.raises(OSError, match="No space left"):
            replace_folder(folder, NEW)
    assert content(folder) == OLD


def test_a_link_stays_a_link(folder: Path, tmp_path: Path) -> None:
    replace_folder(folder, OLD)
    link = tmp_path / "link"
    link.symlink_to(folder)
    replace_folder(link, NEW)
    assert link.is_symlink()
    assert content(folder) == content(link) == NEW


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    replace_file(path, b"first")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            replace_file(path, b"second")
    assert path.read_bytes() == b"first" and list(tmp_path.iterdir()) == [path]
    replace_file(path, b"third")
    assert path.read_bytes() == b"third"


def test_a_tilde_is_a_home_folder_where_there_is_such_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert user_path("~/models") == Path("/home/someone/models")
    assert user_path("~no-such-user/models") == Path("~no-such-user/models")
