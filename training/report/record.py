"""What a run's folder tells of it: the lines of its log that can be read, and its configuration."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nmt.errors import DataError
from nmt.model_folder import TOKENIZER

LOG, CONFIG = "log.jsonl", "config.json"
NAMED = 3
"""How many damaged lines a notice names."""

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """One run: what it logged, by step, each step once. `notices` say what could not be read, a sentence each.

    `trained` are means over the steps before, `validated` the validations; both may be empty.
    `stopped` is the last line of a run that has ended, None where there is none. `vocabulary` is the SHA-256 of its
    tokenizer, None where that can't be read.
    """

    name: str
    config: Mapping[str, Any]
    trained: tuple[Line, ...]
    validated: tuple[Line, ...]
    stopped: Line | None
    notices: tuple[str, ...] = ()
    vocabulary: str | None = None

    @property
    def last_step(self) -> int:
        return max((int(line["step"]) for line in self.latest), default=0)

    @property
    def latest(self) -> list[Line]:
        """The last line of each kind."""
        ends = [] if self.stopped is None else [self.stopped]
        return [*self.trained[-1:], *self.validated[-1:], *ends]

    @property
    def best(self) -> Line | None:
        """The validation whose model was kept as the best one, None before the first."""
        marked = [line for line in self.validated if line.get("best") is True]
        return marked[-1] if marked else None


def read_record(folder: Path, name: str | None = None) -> Record:
    """The record of the run in `folder`, called `name`, or like the folder. Damage is left out and noticed.

    Raises DataError where there is no log that can be opened.
    """
    lines, notices = _read_log(folder / LOG)
    config, troubles = _read_config(folder / CONFIG)
    notices += [f"at step {step:,}: {text}" for step, text in _changes(lines)]
    trained = _by_step(line for line in lines if line["event"] == "train")
    validated = _by_step(line for line in lines if line["event"] == "validation")
    ends = [line for line in lines if line["event"] in ("stop", "resumed")]
    last = max((line["step"] for line in (*trained, *validated)), default=0)
    stopped = ends[-1] if ends and ends[-1]["event"] == "stop" and ends[-1]["step"] >= last else None
    said = (*notices, *troubles)
    return Record(name or folder.resolve().name, config, trained, validated, stopped, said, _vocabulary(folder))


def _vocabulary(folder: Path) -> str | None:
    try:
        return hashlib.sha256((folder / TOKENIZER).read_bytes()).hexdigest()
    except OSError:
        return None


def _changes(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """What had changed where the run went on, and after which step that was."""
    for line in lines:
        if line["event"] == "resumed" and isinstance(line.get("changed"), list):
            yield from ((line["step"], str(text)) for text in line["changed"])


def number(value: object) -> float | None:
    """`value` where it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _read_log(path: Path) -> tuple[list[Line], list[str]]:
    try:
        texts = path.read_bytes().split(b"\n")
    except OSError as error:
        raise DataError(
            f"can't read {path}: {error.strerror}; expected the folder of a run, which `nmt train` makes"
        ) from None
    last = texts.pop()
    lines = list(map(_parsed, texts))
    damaged = [place for place, line in enumerate(lines, 1) if line is None]
    notices = [_notice(path, damaged)] if damaged else []
    if last:
        lines.append(_parsed(last))
        if lines[-1] is None:
            notices.append(f"{path.name}: the last line is torn; the run was killed while writing it, or is writing")
    return [line for line in lines if line is not None], notices


def _parsed(text: bytes) -> Line | None:
    """The object on a line that has an event and a step; None for what is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("event"), str):
        return None
    step = number(found.get("step"))
    return found | {"step": int(step)} if step is not None and step >= 0 and step == int(step) else None


def _notice(path: Path, damaged: list[int]) -> str:
    places = ", ".join(map(str, damaged[:NAMED])) + (", …" if len(damaged) > NAMED else "")
    if len(damaged) == 1:
        return f"{path.name}: line {places} is damaged and was left out"
    return f"{path.name}: {len(damaged):,} lines are damaged and were left out (lines {places})"


def _by_step(lines: Iterator[Line]) -> tuple[Line, ...]:
    """In the order of their steps; of two for one step, the later."""
    found = {line["step"]: line for line in lines}
    return tuple(found[step] for step in sorted(found))


def _read_config(path: Path) -> tuple[Mapping[str, Any], list[str]]:
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        return {}, [f"{path.name} can't be read: {error.strerror}"]
    except (ValueError, RecursionError):
        return {}, [f"{path.name} is not JSON"]
    return (found, []) if isinstance(found, dict) else ({}, [f"{path.name} is not a table of options"])
