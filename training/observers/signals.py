"""Stopping when the system asks for it."""

import signal
from types import FrameType
from typing import Any

from training.loop import Loop, StepReport


def stop_signals() -> tuple[signal.Signals, ...]:
    """Those that ask a process to end. A SIGHUP that is ignored, as under nohup, is none."""
    hung_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    return signal.SIGINT, signal.SIGTERM, *hung_up


class Signals:
    """SIGINT, SIGTERM or SIGHUP to any process stops all of them, after the step under way or the next one.

    A second one ends the process that receives it at once. `pending` is the number of the one that this process has
    received, 0 where there is none; `received` is what all have agreed on.
    """

    def __init__(self) -> None:
        self.pending = 0
        self.received: signal.Signals | None = None
        self.previous: dict[int, Any] = {}

    def __enter__(self) -> "Signals":
        for number in stop_signals():
            self.previous[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.pending = number
        for each, handler in self.previous.items():
            signal.signal(each, handler)

    def before_run(self, loop: Loop) -> None:
        pass

    def after_step(self, loop: Loop, report: StepReport) -> None:
        if report.signal:
            self.received = signal.Signals(report.signal)
            loop.stop(f"{self.received.name} received")

    def after_run(self, loop: Loop) -> None:
        pass
