"""The report of a run that trains: always there, and never in its way."""

import json
from pathlib import Path

import pytest

from nmt.cli import main
from tests.training.report.logs import write_run
from tests.training.runs import config, train, write_corpus
from training.loop import Progress
from training.observers import reporting
from training.observers.reporting import ReportLog


def test_a_run_writes_its_report(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    train(config(tmp_path, max_steps=4))
    lines = list(map(json.loads, (tmp_path / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()))
    norms = next(line for line in lines if line["event"] == "train")["gradient_norms"]
    assert {"embeddings", "encoder.layers.0", "decoder.attention", "decoder.cells.0"} <= norms.keys()
    sample = next(line for line in lines if line["event"] == "validation")["samples"][0]
    (attention,) = sample["attention"]
    assert attention["source"] == sample["source"].split() and attention["target"] == sample["translation"].split()
    assert all(weight == round(weight, 3) for row in attention["weights"] for weight in row)
    content = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "step 4, the planned length is reached" in content and sample["source"] in content


def test_a_report_that_can_not_be_written_is_said_once_and_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    log = ReportLog(tmp_path / "no run", said.append)
    log.stopped(Progress(), None)
    monkeypatch.setattr(reporting, "report", lambda folders: 1 / 0)
    log.stopped(Progress(), None)
    assert len(said) == 1 and said[0].startswith("can't write the report") and "log.jsonl" in said[0]


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["report", *map(str, arguments)])
    return int(ended.value.code or 0)


def test_the_report_of_one_run_is_in_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(write_run(tmp_path / "a")) == 0
    assert (tmp_path / "a" / "report.html").exists()
    assert capsys.readouterr().out == f"{tmp_path / 'a' / 'report.html'}\n"


def test_several_runs_are_compared_in_the_file_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [write_run(tmp_path / name) for name in "ab"]
    assert run(*runs, "--output", tmp_path / "new" / "both.html") == 0
    assert "2 runs" in (tmp_path / "new" / "both.html").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(*runs) == 0
    assert (tmp_path / "comparison.html").exists()


def test_what_is_no_run_and_what_can_not_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "absent") == 2
    assert "expected the folder of a run" in capsys.readouterr().err
    assert run(write_run(tmp_path / "a"), "-o", tmp_path) == 2
    assert "can't write the report" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["log.jsonl", "last.safetensors", "best/model.safetensors"])
def test_a_report_is_never_written_over_a_part_of_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    folder = write_run(tmp_path / "a")
    before = sorted(folder.rglob("*"))
    assert run(folder, "--output", folder / name) == 2
    assert f"{Path(name).parts[0]} is part of the run in {folder}" in capsys.readouterr().err
    assert run(folder, "--output", tmp_path) == 2
    assert "it is a folder" in capsys.readouterr().err
    assert sorted(folder.rglob("*")) == before
    assert run(folder, "--output", folder / "pages" / "a.html") == 0
