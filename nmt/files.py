"""Files and folders that are there as a whole or not at all."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from nmt.errors import NmtError

READINGS = 4
PAUSE_S = 0.05

ContentT = TypeVar("ContentT")


def user_path(name: str) -> Path:
    """The path that a user has named: a `~` at its start is a home folder, where there is such a user."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def replace_file(path: Path, content: bytes) -> None:
    """Make `path` hold `content`, in one step. If that fails (OSError), what it held before is whole."""
    coming = path.with_name(f".{path.name}.partial")
    try:
        _write(coming, content)
        os.replace(coming, path)
    except BaseException:
        coming.unlink(missing_ok=True)
        raise


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold exactly `files` (name -> content), in place of what it held before.

    All is written beside it and on the disk before it takes the name `folder`. If anything goes wrong (OSError), the
    earlier folder is whole and nothing is left over; after a power cut it may be found under `previous_name(folder)`,
    and `recover_folder`, or the next call, puts it back.
    """
    folder = folder.resolve()
    previous, coming = previous_name(folder), _coming_name(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    recover_folder(folder)
    try:
        coming.mkdir()
        for name, content in files.items():
            _write(coming / name, content)
        _sync(coming)
        _swap(folder, previous, coming)
    except BaseException:
        shutil.rmtree(coming, ignore_errors=True)
        raise
    with contextlib.suppress(OSError):
        _sync(folder.parent)
    shutil.rmtree(previous, ignore_errors=True)


def read_whole(folder: Path, read: Callable[[Path], ContentT]) -> ContentT:
    """`read(folder)`, again where it raised an NmtError because `replace_folder` was putting another one there.

    Between its two renames there is no `folder` for a moment, and files read before and after are of two folders.
    """
    for _ in range(READINGS - 1):
        before = _identity(folder)
        try:
            return read(folder)
        except NmtError:
            now = _identity(folder)
            is_moved_away = now is None and previous_name(folder.resolve()).exists()
            if is_moved_away:
                time.sleep(PAUSE_S)
            elif now in (before, None):
                raise
    return read(folder)


def previous_name(folder: Path) -> Path:
    """Where the earlier folder waits while the new one takes its name."""
    return folder.with_name(f".{folder.name}.previous")


def _coming_name(folder: Path) -> Path:
    """Where the new folder is written."""
    return folder.with_name(f".{folder.name}.partial")


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder bears this name now; None where there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def recover_folder(folder: Path) -> None:
    """Put right what a call of `replace_folder` that was cut off has left."""
    folder = folder.resolve()
    previous, coming = previous_name(folder), _coming_name(folder)
    if previous.exists():
        if folder.exists():
            shutil.rmtree(previous)
        else:
            previous.rename(folder)
    if coming.exists():
        shutil.rmtree(coming)


def _swap(folder: Path, previous: Path, coming: Path) -> None:
    if not folder.exists():
        coming.rename(folder)
        return
    folder.rename(previous)
    try:
        coming.rename(folder)
    except BaseException:
        previous.rename(folder)
        raise


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Put the folder's entries on the disk, where the system can open a folder for that."""
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
