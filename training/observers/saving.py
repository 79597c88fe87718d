"""Saving now and then, and at the end."""

from collections.abc import Callable

from training.loop import Loop, StepReport


class Saving:
    """Writes the checkpoint at multiples of each number of steps in `every`, and when the run ends."""

    def __init__(self, save: Callable[[], None], *every: int) -> None:
        self.save, self.every = save, every

    def before_run(self, loop: Loop) -> None:
        pass

    def after_step(self, loop: Loop, report: StepReport) -> None:
        if any(report.step % every == 0 for every in self.every):
            self.save()

    def after_run(self, loop: Loop) -> None:
        self.save()
