"""Files and folders that are there as a whole or not at all."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path


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
    and the next call puts it back.
    """
    folder = folder.resolve()
    previous, coming = previous_name(folder), folder.with_name(f".{folder.name}.partial")
    folder.parent.mkdir(parents=True, exist_ok=True)
    _recover(folder, previous, coming)
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


def previous_name(folder: Path) -> Path:
    """Where the earlier folder waits while the new one takes its name."""
    return folder.with_name(f".{folder.name}.previous")


def _recover(folder: Path, previous: Path, coming: Path) -> None:
    """Put right what a call that was cut off has left."""
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
