"""The report of a run, kept up to date while it trains."""

from collections.abc import Callable, Sequence
from pathlib import Path

from nmt.files import replace_file
from training.loop import Progress
from training.observers.meter import Figures
from training.report.page import REPORT, report
from training.task import Score


class ReportLog:
    """Writes the page into the folder of the run after each validation and at the end, from the log as it is then.

    It never fails the run: what goes wrong is told to `say`, once. It belongs behind the log in the list of logs.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder, self.say, self.has_failed = folder, say, False

    def began(self, progress: Progress, changed: Sequence[str]) -> None:
        pass

    def trained(self, figures: Figures) -> None:
        pass

    def validated(self, progress: Progress, score: Score, is_best: bool) -> None:
        self._write()

    def stopped(self, progress: Progress, reason: str | None) -> None:
        self._write()

    def _write(self) -> None:
        path = self.folder / REPORT
        try:
            replace_file(path, report([self.folder]))
        except Exception as error:
            if not self.has_failed:
                self.say(f"can't write the report {path}: {error or type(error).__name__}; training goes on without it")
            self.has_failed = True
