"""Where results go: lines of UTF-8 to standard output or to a file."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import typer

from nmt.compression import COMPRESSED
from nmt.errors import InputError

CLOSED_PIPE = 141
_NONE: Mapping[str, None] = {}


class LineWriter:
    """Writes one line for each text, whatever the text holds: a line feed in it becomes a space, and of a file's name
    that is not valid Unicode, an escape."""

    def __init__(self, stream: BinaryIO, *, flush: bool) -> None:
        self._stream, self._flush = stream, flush

    def __call__(self, text: str) -> None:
        self._stream.write(text.replace("\n", " ").encode(errors="backslashreplace") + b"\n")
        if self._flush:
            self._stream.flush()


@contextmanager
def opened_output(path: Path | None, *, not_to: Mapping[str, BinaryIO | Path | None] = _NONE) -> Iterator[LineWriter]:
    """A writer to a new file at `path`, or to standard output, flushed at each line where a person watches.

    Raises InputError where the file can't be written, or is one of those that `not_to` names, which are read. When a
    reader of the output has gone (`| head`), the command ends, quietly, with the status of a broken pipe.
    """
    try:
        if path is None:
            yield LineWriter(sys.stdout.buffer, flush=sys.stdout.isatty())
            sys.stdout.buffer.flush()
        else:
            for name, other in not_to.items():
                if other is not None and _same_file(path, other):
                    raise InputError(f"{path} is {name}: give --output another file")
            if path.suffix in COMPRESSED:
                raise InputError(
                    f"{path}: what is written is not compressed; give --output a name without {path.suffix}"
                )
            with path.open("wb") as stream:
                yield LineWriter(stream, flush=False)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(CLOSED_PIPE) from None
    except OSError as error:
        raise InputError(f"can't write {path or 'standard output'}: {error.strerror or error}") from None


def _same_file(path: Path, other: BinaryIO | Path) -> bool:
    try:
        found = other.stat() if isinstance(other, Path) else os.fstat(other.fileno())
        return os.path.samestat(path.stat(), found)
    except OSError:
        return False
