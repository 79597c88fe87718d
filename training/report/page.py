"""The report of one run or of several: one HTML file that needs nothing else."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from training.report import cards, sections
from training.report.curves import Chart, charts
from training.report.record import Record, number, read_record
from training.report.samples import Attention, histories

REPORT = "report.html"
SCRIPTS = ("chart.js", "heatmap.js", "page.js")


def report(folders: Sequence[Path]) -> bytes:
    """The page of the run in one folder, or of those in several folders side by side.

    Raises DataError for a folder without a log; what else can't be read is left out, and the page says so.
    """
    return page([read_record(folder, name) for folder, name in zip(folders, _names(folders), strict=True)])


def page(records: Sequence[Record]) -> bytes:
    """The page of these runs."""
    maps: list[Attention] = []

    def place(attention: Attention) -> int:
        maps.append(attention)
        return len(maps) - 1

    found = [histories(record) for record in records]
    one = records[0] if len(records) == 1 else None
    drawn = charts(records)
    parts = {
        "curves": "" if not drawn else "Curves",
        "samples": cards.samples(found[0], place) if one else cards.compared_samples(records, found, place),
        "configuration": sections.configuration(records),
    }
    style, script = _template("style.css"), "\n".join(["(() => {\n'use strict';", *map(_template, SCRIPTS), "})();"])
    values = {
        "policy": f"default-src 'none'; img-src data:; script-src '{_sum(script)}'; style-src '{_sum(style)}'; "
        "base-uri 'none'; form-action 'none'",
        "title": escape(one.name if one else f"{len(records)} runs"),
        "status": sections.status(one) if one else escape(", ".join(record.name for record in records)),
        "nav": "".join(f'<a href="#{name}">{name.capitalize()}</a>' for name, text in parts.items() if text),
        "notices": sections.notices(records),
        "scores": sections.tiles(one) if one else sections.score_table(records),
        "curves_hidden": "" if drawn else " hidden",
        "samples": parts["samples"],
        "configuration": parts["configuration"],
        "data": _json(_data(records, drawn, maps)),
        "style": style,
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], _template("report.html")).encode(errors="replace")


def _data(records: Sequence[Record], drawn: Sequence[Chart], maps: Sequence[Attention]) -> dict[str, Any]:
    """What the scripts draw; `best` is where the best validation of each run was, None before the first."""
    best = [
        record.best and {"steps": record.best["step"], "tokens": number(record.best.get("target_tokens")) or 0}
        for record in records
    ]
    return {
        "runs": [{"name": record.name} for record in records],
        "best": best,
        "charts": [asdict(chart) for chart in drawn],
        "maps": [asdict(attention) for attention in maps],
    }


def _names(folders: Sequence[Path]) -> list[str]:
    """The names of the folders, or, where two of them are alike, as much of their paths as tells them apart."""
    parts = [folder.resolve().parts for folder in folders]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-depth:]) for part in parts]
        if len(set(names)) == len(set(parts)):
            break
    return names


def _json(data: dict[str, Any]) -> str:
    """JSON that may stand inside of an HTML element."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _sum(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _template(name: str) -> str:
    return files("training.report").joinpath("template", name).read_text(encoding="utf-8")
