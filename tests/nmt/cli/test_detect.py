"""One language for each line."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "in.txt"
    path.write_text("Guten Morgen, wie geht es?\n\n12:30\nI don't know where he is.", encoding="utf-8")
    return path


def test_each_line_has_a_language(run, text: Path) -> None:
    result = run("detect", given=text.read_bytes())
    assert (result.status, result.err) == (0, "")
    languages, confidences = zip(*(line.split("\t") for line in result.lines), strict=True)
    assert languages == ("de", "und", "und", "en")
    assert confidences[1] == "0.0000" and float(confidences[0]) > 0.9


def test_json_names_several(run, text: Path) -> None:
    result = run("detect", "--json", "--most", 2, "--among", "en, de,fr", text)
    first, _, third, _ = map(json.loads, result.lines)
    assert first["text"] == "Guten Morgen, wie geht es?" and first["unsure"] is False
    assert first["detections"][0]["language"] == "de" and len(first["detections"]) == 2
    assert third["unsure"] is True and {one["confidence"] for one in third["detections"]} == {0.0}


def test_lines_before_a_fault_are_answered(run) -> None:
    result = run("detect", given=b"Guten Morgen, mein Freund!\n\xff\n")
    assert result.status == 2 and result.lines[0].startswith("de\t")
    assert "line 2: not UTF-8" in result.err


def test_files_may_be_named(run, text: Path, tmp_path: Path) -> None:
    assert run("detect", text, "--output", tmp_path / "out").out == ""
    assert len((tmp_path / "out").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--among", "en,klingon"], "--among: got 'klingon', expected some of "),
        (["--among", ","], "--among: got ','"),
        (["--model", "absent"], "there is no model folder absent"),
    ],
)
def test_mistakes_are_named(run, arguments: list[str], message: str) -> None:
    result = run("detect", *arguments, given="a\n")
    assert result.status == 2 and message in result.err
