"""Stopping when the system asks for it."""

import signal
from types import FrameType
from typing import Any

from training.loop import Loop, StepReport


class Signals:
    """SIGINT and SIGTERM stop the loop after the step under way, so that it saves; a second one ends it at once."""

    def __init__(self) -> None:
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
        self.received = signal.Signals(number)
        signal.signal(number, self.previous[number])

    def before_run(self, loop: Loop) -> None:
        pass

    def after_step(self, loop: Loop, report: StepReport) -> None:
        if self.received:
            loop.stop(f"{self.received.name} received")

    def after_run(self, loop: Loop) -> None:
        pass
