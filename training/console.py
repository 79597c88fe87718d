"""Where a run tells how it goes: standard error."""

import contextlib
import sys
from typing import Any, TextIO, cast

from rich.console import Console


def error_console(*, quiet: bool = False) -> Console:
    """A console that nothing can stop: where nobody reads any more, or a disk is full, what it says is lost."""
    if sys.stderr is None:
        return Console(quiet=True)
    return Console(file=cast(TextIO, _Forgiving(sys.stderr)), quiet=quiet)


class _Forgiving:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
