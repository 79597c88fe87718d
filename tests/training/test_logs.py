"""The log of a run that goes on keeps what stands, and drops what a killed run wrote behind its checkpoint."""

import json
from pathlib import Path

from training.loop import Progress
from training.observers.logs import JsonLog


def test_lines_up_to_the_checkpoint_are_kept_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    kept = json.dumps({"step": 4, "text": "one\u2028line"}, ensure_ascii=False)
    path.write_text(f'{kept}\n{{"step": 6}}\n{{"st', encoding="utf-8")
    JsonLog(path).began(Progress(step=5), ["a is now 2"])
    resumed = {"event": "resumed", "step": 5, "changed": ["a is now 2"]}
    assert path.read_text(encoding="utf-8") == f"{kept}\n{json.dumps(resumed)}\n"


def test_a_new_run_starts_a_new_log(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 4}\n', encoding="utf-8")
    JsonLog(path).began(Progress(), [])
    assert path.read_text(encoding="utf-8") == ""
