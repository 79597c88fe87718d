"""What asks a process to end, Ctrl-C or SIGTERM, and when it is heeded."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

NUMBERS = signal.SIGINT, signal.SIGTERM


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGINT and SIGTERM end the `with` block with SystemExit, of status 128 + the signal, as a shell would tell it."""
    previous = {number: signal.signal(number, _end) for number in NUMBERS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def signals_held_back() -> Iterator[None]:
    """SIGINT and SIGTERM are heeded when the `with` block is left; a process that it starts never gets a SIGINT.

    Threads other than the main one, which heed no signals, start processes as they are.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    previous = {number: signal.signal(number, lambda given, _: received.append(given)) for number in NUMBERS}
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for given in received:
            signal.raise_signal(given)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
