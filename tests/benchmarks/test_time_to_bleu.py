"""Time is added up over the figures of a log."""

from pathlib import Path
from typing import Any

import pytest
from time_to_bleu import main, reached


def test_time_goes_up_to_the_validation_and_no_further() -> None:
    events: list[dict[str, Any]] = [
        {"event": "train", "step": 10, "target_tokens": 1000, "tokens_per_s": 100.0},
        {"event": "validation", "step": 10, "target_tokens": 1000, "bleu": 20.0},
        {"event": "train", "step": 20, "target_tokens": 2000, "tokens_per_s": 200.0},
        {"event": "validation", "step": 25, "target_tokens": 2500, "bleu": 30.0},
        {"event": "train", "step": 30, "target_tokens": 3000, "tokens_per_s": 1.0},
        {"event": "stop", "step": 30, "target_tokens": 3000, "reason": None},
    ]
    early, late = reached(events, 20), reached(events, 21)
    assert early is not None and (early.step, early.seconds) == (10, 10.0)
    assert late is not None and (late.step, late.bleu, late.seconds) == (25, 30.0, pytest.approx(10 + 5 + 2.5))
    assert reached(events, 31) is None


def test_a_log_without_bleu_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "log.jsonl").write_text('{"event": "validation", "accuracy": 90.0}\n')
    monkeypatch.setattr("sys.argv", ["time_to_bleu.py", str(tmp_path / "log.jsonl"), "36"])
    with pytest.raises(SystemExit, match=r"log\.jsonl has no validation by BLEU"):
        main()
