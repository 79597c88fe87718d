"""Corpora in shards are what they are in memory, and are read as training reads them."""

from pathlib import Path

import pytest
from corpora import compare_text, read_batches, write_shards


def test_text_is_prepared_by_all_rules_and_by_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, line in (("train.en", "I have {} apples in my basket.\n"), ("train.de", "Ich habe {} Äpfel im Korb.\n")):
        (tmp_path / name).write_text("".join(map(line.format, range(50))), encoding="utf-8")
    compare_text(tmp_path, tmp_path / "train.en", tmp_path / "train.de")
    shown = capsys.readouterr().out
    assert "prepared with all cleaning rules" in shown and shown.endswith("the same batches\n")


def test_shards_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert write_shards(tmp_path, 500) > 0
    read_batches(tmp_path, 3)
    assert "first batch after" in capsys.readouterr().out
