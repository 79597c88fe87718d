"""What was left out and why, for people."""

import re
from collections.abc import Sequence

from rich.table import Table

from training.encoding import RATIO_FROM, RULES
from training.preparation.manifest import Part

MEANING = {
    "empty": "nothing on one side",
    "invalid_characters": "not UTF-8, U+FFFD, private-use or non-characters",
    "control_characters": "control characters other than tab",
    "identical": "both sides alike",
    "held_out": "in data.validation, too",
    "wrong_language": "a side surely in another language",
    "too_long": "more pieces than data.max_length",
    "length_ratio": f"a side of over {RATIO_FROM} pieces, many times the other's",
    "duplicate": "came before",
}


def report_table(parts: Sequence[Part]) -> Table:
    """How many pairs each rule left out, of all parts together."""
    table = Table("left out", "because", "pairs", "%", title="pairs of lines", title_justify="left")
    for column in table.columns[2:]:
        column.justify = "right"
    for cells in _rows(parts):
        table.add_row(*cells)
    return table


def report_markdown(parts: Sequence[Part], notes: Sequence[str]) -> str:
    """The table of all, that of each part, and some of the pairs that each rule left out."""
    lines = ["# What was prepared", "", *_table(parts), *(f"\n{note}" for note in notes)]
    for part in parts:
        lines += ["", f"## {part.key}", "", *_table([part])]
        for rule, samples in part.samples.items():
            lines += ["", f"{rule}: {MEANING[rule]}", ""]
            lines += [f"- line {sample.line}: {_quoted(sample.first)} | {_quoted(sample.second)}" for sample in samples]
    return "\n".join(lines) + "\n"


def _rows(parts: Sequence[Part]) -> list[tuple[str, str, str, str]]:
    total, kept = sum(part.lines for part in parts), sum(part.kept for part in parts)
    counts = {rule: sum(part.left_out.get(rule, 0) for part in parts) for rule in RULES}
    found = [(rule, MEANING[rule], count) for rule, count in counts.items() if count]
    rows = [*found, ("", "kept", kept), ("", "read", total)]
    return [(rule, why, f"{count:,}", f"{100 * count / max(total, 1):.2f}") for rule, why, count in rows]


def _table(parts: Sequence[Part]) -> list[str]:
    rows = [("left out", "because", "pairs", "%"), ("---", "---", "---:", "---:"), *_rows(parts)]
    return [f"| {' | '.join(cells)} |" for cells in rows]


def _quoted(text: str) -> str:
    """On one line, with nothing that would act: control characters are spelt out, markup is code."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{text!r}{fence}"
