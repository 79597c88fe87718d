"""What `nmt evaluate` found, as tables for people and as JSON for scripts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from typing import TypeAlias

from rich import box
from rich.console import Console
from rich.table import Table

import nmt
from nmt.cli.systems import EvaluationSet, Output, System
from nmt.config import EvaluationOptions, SearchOptions
from nmt.evaluation import LOWER_IS_BETTER, SACREBLEU_VERSION, MetricScore, evaluate
from nmt.records import Record

SIGNIFICANT = 0.05
Languages: TypeAlias = tuple[str | None, str | None]
_WIDTH = 120


@dataclass(frozen=True)
class Row:
    """One system on one test set."""

    system: str
    output: Output
    scores: tuple[MetricScore, ...]


@dataclass(frozen=True)
class Report:
    """Rows of each test set, the baseline's first. `search` is None where no model ran; `languages`: source, target."""

    tests: tuple[tuple[EvaluationSet, tuple[Row, ...]], ...]
    evaluation: EvaluationOptions
    search: SearchOptions | None
    languages: Languages

    @classmethod
    def of(
        cls,
        sets: Sequence[EvaluationSet],
        systems: Sequence[System],
        evaluation: EvaluationOptions,
        *,
        search: SearchOptions | None,
        languages: Languages,
    ) -> "Report":
        """Score every system on every set."""
        tests = []
        for index, one in enumerate(sets):
            texts = {system.name: system.outputs[index].texts for system in systems}
            scores = evaluate(texts, one.references, evaluation, target=languages[1])
            tests.append((one, tuple(Row(s.name, s.outputs[index], scores[s.name]) for s in systems)))
        return cls(tuple(tests), evaluation, search, languages)

    def json(self) -> str:
        """One object in one line."""
        record: Record = {
            "nmt": nmt.__version__,
            "sacrebleu": SACREBLEU_VERSION,
            "source": self.languages[0],
            "target": self.languages[1],
            "evaluation": self.evaluation.to_mapping(),
            "search": self.search.to_mapping() if self.search else None,
            "tests": [_test_record(one, rows) for one, rows in self.tests],
        }
        return json.dumps(record, ensure_ascii=False)

    def tables(self) -> Iterator[str]:
        """Lines: a table for each test set, then what its numbers mean."""
        for one, rows in self.tests:
            yield from _drawn(_table(one, rows))
        yield from self._legend()

    def _legend(self) -> Iterator[str]:
        _, rows = self.tests[0]
        for score in rows[0].scores:
            yield f"{score.metric:6} {score.signature}"
        if self.evaluation.bootstrap_samples:
            yield f"±: 95 % interval; p: paired bootstrap against {rows[0].system}, * where below {SIGNIFICANT}"
        if self.search:
            yield "search " + ", ".join(f"{key} {value:g}" for key, value in self.search.to_mapping().items())


def _table(one: EvaluationSet, rows: Sequence[Row]) -> Table:
    table = Table(title=f"{one.name}: {len(one.references)} sentences", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("system", overflow="fold")
    for score in rows[0].scores:
        arrow = "↓" if score.metric in LOWER_IS_BETTER else "↑"
        table.add_column(f"{score.metric} {arrow}", justify="right")
    table.add_column("seconds", justify="right")
    for row in rows:
        seconds = "" if row.output.seconds is None else f"{row.output.seconds:.1f}"
        table.add_row(row.system, *map(_cell, row.scores), seconds)
    return table


def _cell(score: MetricScore) -> str:
    cell = f"{score.score:.2f}"
    if score.interval is not None:
        cell += f" ± {score.interval:.2f}"
    if score.p_value is not None:
        cell += f" (p = {score.p_value:.3f}){'*' if score.p_value < SIGNIFICANT else ' '}"
    return cell


def _drawn(table: Table) -> Iterator[str]:
    page = StringIO()
    Console(file=page, width=_WIDTH, color_system=None, legacy_windows=False).print(table)
    yield from (line.rstrip() for line in page.getvalue().splitlines())


def _test_record(one: EvaluationSet, rows: Sequence[Row]) -> Record:
    return {
        "name": one.name,
        "source_file": str(one.source_file),
        "reference_file": str(one.reference_file),
        "sentences": len(one.references),
        "systems": [_system_record(row, baseline=index == 0) for index, row in enumerate(rows)],
    }


def _system_record(row: Row, *, baseline: bool) -> Record:
    seconds = row.output.seconds
    return {
        "name": row.system,
        "baseline": baseline,
        "model": row.output.origin if seconds is not None else None,
        "hypotheses": row.output.origin if seconds is None else None,
        "seconds": None if seconds is None else round(seconds, 3),
        "sentences_per_second": None if seconds is None else round(len(row.output.texts) / max(seconds, 1e-9), 1),
        "scores": [asdict(score) for score in row.scores],
    }
