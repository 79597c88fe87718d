"""The configurations of runs side by side."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.report.record import Record

PLACES = ("output.folder",)
"""Options that say where a run lies, not what it is."""


@dataclass(frozen=True)
class Row:
    """One option: its dotted key and its value in each run as JSON, None where a run has no such option."""

    key: str
    values: tuple[str | None, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1 and self.key not in PLACES


def options(records: Sequence[Record]) -> list[Row]:
    """Every option that any run has, in the order of the configurations."""
    tables = [dict(_flat(record.config)) for record in records]
    keys = dict.fromkeys(key for table in tables for key in table)
    return [Row(key, tuple(table.get(key) for table in tables)) for key in keys]


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping) and value and not prefix:
            yield from _flat(value, f"{name}.")
        else:
            yield f"{prefix}{name}", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
