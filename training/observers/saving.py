"""Saving now and then, and at the end."""

from collections.abc import Callable

from training.loop import Loop, StepReport


class Saving:
    """Writes the checkpoint every `every` steps and when the run ends, for whatever reason."""

    def __init__(self, save: Callable[[], None], every: int) -> None:
        self.save, self.every = save, every

    def after_step(self, loop: Loop, report: StepReport) -> None:
        if report.step % self.every == 0:
            self.save()

    def after_run(self, loop: Loop) -> None:
        self.save()
