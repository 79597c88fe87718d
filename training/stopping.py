"""What asks a process to end, Ctrl-C or SIGTERM, and when it is heeded."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

NUMBERS = signal.SIGINT, signal.SIGTERM


Handler = Callable[[int, FrameType | None], object]


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGINT and SIGTERM end the `with` block with SystemExit, of status 128 + the signal, as a shell would tell it."""
    with _handled_by(_end):
        yield


@contextmanager
def signals_held_back() -> Iterator[None]:
    """SIGINT and SIGTERM are heeded when the `with` block is left; a process that it starts never gets a SIGINT.

    Threads other than the main one, which heed no signals, start processes as they are.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    try:
        with _handled_by(lambda number, _: received.append(number)):
            blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                yield
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    finally:
        for number in received:
            signal.raise_signal(number)


@contextmanager
def _handled_by(handler: Handler) -> Iterator[None]:
    previous = {number: signal.signal(number, handler) for number in NUMBERS}
    try:
        yield
    finally:
        for number, before in previous.items():
            signal.signal(number, before)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
