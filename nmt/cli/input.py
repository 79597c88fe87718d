"""Where lines come from: a file or standard input."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nmt.compression import open_bytes
from nmt.errors import InputError
from nmt.lines import count_lines


@contextmanager
def opened_input(path: Path | None) -> Iterator[BinaryIO]:
    """The bytes of a file, decompressed (.gz, .zst), or of standard input. Raises InputError where it isn't there."""
    if path is None:
        yield sys.stdin.buffer
        return
    try:
        stream = open_bytes(path)
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror or error}") from None
    with stream:
        yield stream


def lines_ahead(stream: BinaryIO) -> int | None:
    """How many lines are left to read, without reading them; None where that can't be known: pipe, terminal, .gz."""
    try:
        if not stream.seekable() or not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            return None
    except OSError:
        return None
    place = stream.tell()
    count = count_lines(stream, error=InputError)
    stream.seek(place)
    return count
