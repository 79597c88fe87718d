"""The parts of the page that are text: scores and configurations. Everything that was read is escaped."""

from collections.abc import Sequence
from html import escape

from training.report.elements import cell, joined, named
from training.report.options import Row, options
from training.report.record import Record
from training.report.scores import (
    differently_spelt,
    differently_validated,
    in_words,
    last_tokens,
    measures,
    training_seconds,
)


def status(record: Record) -> str:
    """What became of the run, in a line."""
    where = f"step {record.last_step:,}"
    if record.stopped is None:
        return escape(f"{where}, not ended" if record.last_step else "nothing logged yet")
    reason = record.stopped.get("reason")
    return escape(f"{where}, {reason}" if isinstance(reason, str) else f"{where}, ended")


def notices(records: Sequence[Record]) -> str:
    several = len(records) > 1
    texts = [f"{record.name}: {text}" if several else text for record in records for text in record.notices]
    if keys := differently_validated(records):
        texts.append(f"The runs differ in {', '.join(keys)}: scores compare only where the validation text is the same")
    if keys := differently_spelt(records):
        texts.append(f"The runs differ in {', '.join(keys)}: nll, a mean over pieces, does not compare")
    return f'<ul class="notice">{joined(f"<li>{escape(text)}</li>" for text in texts)}</ul>' if texts else ""


def tiles(record: Record) -> str:
    """The figures of one run."""
    found = [(measure.name, measure.text(0)) for measure in measures([record])]
    if record.best is not None:
        found.append(("Best at step", f"{record.best['step']:,}"))
    found += [("Steps", f"{record.last_step:,}"), ("Target tokens", _in_millions(last_tokens(record)))]
    seconds = training_seconds(record)
    if seconds is not None:
        found.append(("Time in training", in_words(seconds)))
    cells = (f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in found)
    return f'<section aria-label="Scores"><dl class="tiles">{joined(cells)}</dl></section>'


def score_table(records: Sequence[Record]) -> str:
    """The figures of several runs at their best validations, the best of each in bold."""
    found = measures(records)
    heads = [*(measure.name for measure in found), "best at step", "steps", "target tokens", "time in training"]
    rows = []
    for run, record in enumerate(records):
        seconds = training_seconds(record)
        cells = [cell(measure.text(run), measure.winner == run) for measure in found]
        others = [
            f"{record.best['step']:,}" if record.best else "–", f"{record.last_step:,}", f"{last_tokens(record):,}",
            "–" if seconds is None else in_words(seconds),
        ]  # fmt: skip
        cells += map(cell, others)
        rows.append(f'<tr><th scope="row" class="run">{named(record, run)}</th>{joined(cells)}</tr>')
    head = joined(f'<th scope="col">{escape(name)}</th>' for name in ("run", *heads))
    return (
        '<section aria-labelledby="scores-title"><div class="section-top"><h2 id="scores-title">Scores</h2>'
        '<span class="faint">at the best validation of each run</span></div><div class="card scroller">'
        f'<table class="figures"><thead><tr>{head}</tr></thead><tbody>{joined(rows)}</tbody></table></div></section>'
    )


def configuration(records: Sequence[Record]) -> str:
    rows = options(records)
    if not rows:
        return ""
    inner = _tables(rows) if len(records) == 1 else _side_by_side(records, rows)
    return (
        '<section id="configuration" aria-labelledby="configuration-title"><div class="section-top">'
        f'<h2 id="configuration-title">Configuration</h2></div>{inner}</section>'
    )


def _in_millions(count: int) -> str:
    return f"{count / 1e6:,.2f} M" if count >= 1e5 else f"{count:,}"


def _tables(rows: Sequence[Row]) -> str:
    tables: dict[str, list[Row]] = {}
    for row in rows:
        tables.setdefault(row.key.rpartition(".")[0], []).append(row)
    cards = []
    for name, found in tables.items():
        pairs = joined(
            f"<dt>{escape(row.key.removeprefix(f'{name}.'))}</dt><dd>{escape(row.values[0] or '')}</dd>"
            for row in found
        )
        title = f"<h3>{escape(name)}</h3>" if name else ""
        cards.append(f'<div class="card">{title}<dl>{pairs}</dl></div>')
    return f'<div class="tables">{joined(cards)}</div>'


def _side_by_side(records: Sequence[Record], rows: Sequence[Row]) -> str:
    """The options that differ, then, folded away, the others."""
    different = [row for row in rows if row.differs]
    same = [row for row in rows if not row.differs]
    shown = _value_table(records, different) if different else '<p class="faint">No option differs.</p>'
    hidden = (
        f'<details class="same"><summary>{len(same):,} options that are the same in all, or only say where a run lies'
        "</summary>"
        f"{_value_table(records, same)}</details>"
    )
    return shown + (hidden if same else "")


def _value_table(records: Sequence[Record], rows: Sequence[Row]) -> str:
    head = joined(f'<th scope="col" class="run">{named(record, run)}</th>' for run, record in enumerate(records))
    body = joined(
        f'<tr><th scope="row">{escape(row.key)}</th>'
        f"{joined(cell('–' if value is None else escape(value)) for value in row.values)}</tr>"
        for row in rows
    )
    return (
        '<div class="card scroller"><table class="values">'
        f'<thead><tr><th scope="col">option</th>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )
