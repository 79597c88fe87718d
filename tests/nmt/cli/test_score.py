"""Given translations, scored."""

import json
import math
import os
from pathlib import Path

import pytest

from nmt.cli import score as command

DE = ("--source", "en", "--target", "de")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "text.en", tmp_path / "text.de"
    paths[0].write_text("a\nb\n\n")
    paths[1].write_text("ABC\n\nA\n")
    return paths


def test_each_pair_has_its_total_and_its_score_per_token(run, shouter, files) -> None:
    result = run("score", *files, *DE)
    assert (result.status, result.err) == (0, "")
    assert result.lines == ["-2.000000\t-0.500000", "-0.500000\t-0.500000", "-1.000000\t-0.500000"]


def test_attention_is_in_json_lines(run, shouter, files) -> None:
    records = list(map(json.loads, run("score", *files, *DE, "--attention").lines))
    assert [(record["q"], record["translatedText"]) for record in records] == [("a", "ABC"), ("b", ""), ("", "A")]
    assert records[0]["segments"][0]["attention"] == [[1.0]] * 4


def test_files_are_read_in_windows(run, shouter, files, monkeypatch) -> None:
    whole = run("score", *files, *DE).out
    shouter.windows.clear()
    monkeypatch.setattr(command, "PAIRS_AT_ONCE", 2)
    assert run("score", *files, *DE).out == whole
    assert shouter.windows == [2, 1]


def test_unequal_counts_are_told_before_anything_is_scored(run, shouter, files) -> None:
    files[1].write_text("ABC\n")
    result = run("score", *files, *DE)
    assert (result.status, result.out) == (2, "")
    assert f"{files[0]} has 3, {files[1]} has 1 lines" in result.err


def test_a_faulty_pair_is_named_and_those_before_it_are_not_lost(run, shouter, files, monkeypatch) -> None:
    monkeypatch.setattr(command, "PAIRS_AT_ONCE", 2)
    files[0].write_text("a\nb\nc\n" + "x" * 50 + "\n")
    files[1].write_text("A\nB\nC\nX\n")
    result = run("score", *files, *DE)
    assert result.status == 2 and len(result.lines) == 3
    assert result.err == "nmt: error: line 4: the text is too long\n"


def test_a_real_model_scores_as_the_library_does(run, artifact_folder, translator, files) -> None:
    result = run("score", *files, *DE, "--model", artifact_folder)
    segments = translator.score(["a", "b", ""], ["ABC", "", "A"], source="en", target="de")
    for line, segment in zip(result.lines, segments, strict=True):
        total, per_token = map(float, line.split("\t"))
        assert math.isclose(total, segment.log_probability, abs_tol=1e-5)
        assert math.isclose(per_token, total / len(segment.target_tokens), abs_tol=1e-5)


def test_long_pairs_come_few_at_a_time(run, shouter, files, monkeypatch) -> None:
    whole = run("score", *files, *DE).out
    shouter.windows.clear()
    monkeypatch.setattr(command, "CHARACTERS_AT_ONCE", 4)
    assert run("score", *files, *DE).out == whole
    assert shouter.windows == [1, 2]


def test_a_pipe_is_refused(run, shouter, files) -> None:
    pipe = files[0].with_name("pipe")
    os.mkfifo(pipe)
    result = run("score", pipe, files[1], *DE)
    assert result.status == 2 and f"{pipe} is a pipe" in result.err
