"""Stopping when the system asks for it."""

import signal
from types import FrameType
from typing import Any

from training.loop import Loop, StepReport


class Signals:
    """SIGINT and SIGTERM to any process stop all of them after the step under way or the next one, so that they save.

    A second one ends the process that receives it at once. `pending` is the number of the one that this process has
    received, 0 where there is none; `received` is what all have agreed on.
    """

    def __init__(self) -> None:
        self.pending = 0
        self.received: signal.Signals | None = None
        self.previous: dict[int, Any] = {}

    def __enter__(self) -> "Signals":
        for number in (signal.SIGINT, signal.SIGTERM):
            self.previous[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.pending = number
        signal.signal(number, self.previous[number])

    def before_run(self, loop: Loop) -> None:
        pass

    def after_step(self, loop: Loop, report: StepReport) -> None:
        if report.signal:
            self.received = signal.Signals(report.signal)
            loop.stop(f"{self.received.name} received")

    def after_run(self, loop: Loop) -> None:
        pass
