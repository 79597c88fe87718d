"""How training goes, for the person who watches it."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from training.loop import Loop, StepReport
from training.observers.totals import Totals


class ProgressBar:
    """A line that says how far, how good, how fast and how long still; plain lines where there is no terminal."""

    def __init__(self, console: Console, log_every: int, fraction: Callable[[], float]) -> None:
        self.console, self.log_every, self.fraction = console, log_every, fraction
        self.totals = Totals()
        self.bar = Progress(
            TextColumn("step {task.fields[step]}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[figures]}"), TimeRemainingColumn(), console=console,
            disable=not console.is_terminal, transient=True,
        )  # fmt: skip
        self.task: TaskID = self.bar.add_task("train", total=1.0, step=0, figures="")

    def __enter__(self) -> "ProgressBar":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def after_step(self, loop: Loop, report: StepReport) -> None:
        self.totals.add(report)
        self.bar.update(self.task, completed=self.fraction(), step=report.step)
        if report.step % self.log_every == 0:
            figures = self.totals.read()
            line = (
                f"loss {figures['loss']:.3f}  perplexity {figures['perplexity']:.2f}  "
                f"{figures['tokens_per_s']:,.0f} tokens/s  gradient {figures['gradient_norm']:.2f}"
            )
            self.bar.update(self.task, figures=line)
            if not self.console.is_terminal:
                self.console.print(f"step {report.step}  {100 * self.fraction():.0f} %  {line}", highlight=False)

    def after_run(self, loop: Loop) -> None:
        pass
