"""How training goes, for the person who watches it."""

import re
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from training.loop import Loop, Progress, StepReport
from training.observers.meter import Figures
from training.task import Score

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What would move about in a terminal; a model that has hardly begun may say anything."""


class ProgressBar:
    """A line that says how far, how good, how fast and how long still; plain lines where there is no terminal."""

    def __init__(self, console: Console, fraction: Callable[[], float]) -> None:
        self.console, self.fraction = console, fraction
        self.bar = Bar(
            TextColumn("step {task.fields[step]}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[figures]}"), TimeRemainingColumn(), console=console,
            disable=not console.is_terminal, transient=True,
        )  # fmt: skip
        self.task = self.bar.add_task("train", total=1.0, step=0, figures="")

    def __enter__(self) -> "ProgressBar":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def before_run(self, loop: Loop) -> None:
        self.bar.update(self.task, completed=self.fraction(), step=loop.progress.step)

    def after_step(self, loop: Loop, report: StepReport) -> None:
        self.bar.update(self.task, completed=self.fraction(), step=report.step)

    def after_run(self, loop: Loop) -> None:
        pass

    def began(self, progress: Progress, changed: Sequence[str]) -> None:
        pass

    def trained(self, figures: Figures) -> None:
        line = (
            f"loss {figures.loss:.3f}  perplexity {figures.perplexity:.2f}  "
            f"{figures.tokens_per_s:,.0f} tokens/s  gradient {figures.gradient_norm:.2f}"
        )
        self.bar.update(self.task, figures=line)
        if not self.console.is_terminal:
            part = f"{100 * self.fraction():.0f} %  " if self.fraction() else ""
            self._say(f"step {figures.step}  {part}{line}")

    def validated(self, progress: Progress, score: Score, is_best: bool) -> None:
        mark = "  best so far" if is_best else ""
        self._say(f"step {progress.step}  validation: {score.summary()}{mark}")
        for sample in score.samples:
            for name, text in sample.texts().items():
                self._say(f"  {name:<12}{CONTROLS.sub('', text)}")

    def stopped(self, progress: Progress, reason: str | None) -> None:
        self._say(f"stopped after step {progress.step:,}: {reason}")

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)
