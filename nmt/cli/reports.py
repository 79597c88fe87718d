"""What `nmt evaluate` found, as tables for people and as JSON for scripts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TypeAlias

from rich.table import Table

import nmt
from nmt.cli.breakdowns import frequency_records, frequency_table, length_records, length_table
from nmt.cli.challenges import ChallengeReport
from nmt.cli.systems import EvaluationSet, Output
from nmt.cli.tables import drawn, new_table
from nmt.config import EvaluationOptions, SearchOptions
from nmt.evaluation import LOWER_IS_BETTER, SACREBLEU_VERSION, MetricScore
from nmt.evaluation.frequencies import FrequencyResult
from nmt.evaluation.lengths import LengthResult
from nmt.records import Record

SIGNIFICANT = 0.05
Languages: TypeAlias = tuple[str | None, str | None]


@dataclass(frozen=True)
class Row:
    """One system on one test set."""

    system: str
    output: Output
    scores: tuple[MetricScore, ...]


@dataclass(frozen=True)
class SetResult:
    """What was found on one test set. Rows are the systems', the baseline's first.

    `frequencies` is empty where no training text was given. `sentences` are those of `sentence_records`, where they
    were asked for.
    """

    of: EvaluationSet
    rows: tuple[Row, ...]
    lengths: tuple[LengthResult, ...]
    frequencies: tuple[FrequencyResult, ...]
    sentences: tuple[Record, ...]


@dataclass(frozen=True)
class Report:
    """All that was found. `search` is None where no model ran; `languages`: source, target."""

    tests: tuple[SetResult, ...]
    challenge: ChallengeReport | None
    evaluation: EvaluationOptions
    search: SearchOptions | None
    languages: Languages

    def json(self, *, sentences: bool) -> str:
        """One object in one line; with `sentences`, as far as they were measured, each of them too."""
        return json.dumps(self.record(sentences=sentences), ensure_ascii=False)

    def record(self, *, sentences: bool) -> Record:
        """What `json` writes."""
        return {
            "nmt": nmt.__version__,
            "sacrebleu": SACREBLEU_VERSION,
            "source": self.languages[0],
            "target": self.languages[1],
            "evaluation": self.evaluation.to_mapping(),
            "search": self.search.to_mapping() if self.search else None,
            "tests": [_set_record(test, sentences=sentences) for test in self.tests],
            "challenge": self.challenge.record() if self.challenge else None,
        }

    def tables(self) -> Iterator[str]:
        """Lines: tables for each test set and what their numbers mean, then those of the challenge."""
        for test in self.tests:
            yield from drawn(_table(test.of, test.rows))
            yield from length_table(test.of.name, test.lengths)
            if test.frequencies:
                yield from frequency_table(test.of.name, test.frequencies)
        if self.tests:
            yield from self._legend()
        if self.challenge:
            yield from self.challenge.tables()
        if self.search:
            yield "search " + ", ".join(f"{key} {value:g}" for key, value in self.search.to_mapping().items())

    def _legend(self) -> Iterator[str]:
        rows = self.tests[0].rows
        for score in rows[0].scores:
            yield f"{score.metric:6} {score.signature}"
        if self.evaluation.bootstrap_samples:
            yield f"±: 95 % interval; p: paired bootstrap against {rows[0].system}, * where below {SIGNIFICANT}"


def _table(one: EvaluationSet, rows: Sequence[Row]) -> Table:
    table = new_table(f"{one.name}: {len(one.references)} sentences")
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


def _set_record(test: SetResult, *, sentences: bool) -> Record:
    record: Record = {
        "name": test.of.name,
        "source_file": str(test.of.source_file),
        "reference_file": str(test.of.reference_file),
        "sentences": len(test.of.references),
        "systems": [_system_record(row, baseline=index == 0) for index, row in enumerate(test.rows)],
        "lengths": length_records(test.lengths),
        "frequencies": frequency_records(test.frequencies) if test.frequencies else None,
    }
    return record | ({"sentence_results": list(test.sentences)} if sentences else {})


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
