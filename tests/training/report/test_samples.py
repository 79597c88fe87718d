"""Samples over time: the same translations in a row are one; what was logged of attention is checked."""

from pathlib import Path

import pytest

from tests.training.report.logs import ATTENTION, validated, write_run
from training.report.record import read_record
from training.report.samples import MOST_VERSIONS, History, Version, histories


def found(folder: Path, *lines: dict) -> list[History]:
    return histories(read_record(write_run(folder, lines)))


def test_a_version_lasts_until_the_translation_changes(tmp_path: Path) -> None:
    lines = [validated(1, "A"), validated(2, "A"), validated(3, "B"), validated(4, "A", is_best=False)]
    (history,) = found(tmp_path, *lines)
    assert history.versions == (Version("A", 1, 2), Version("B", 3, 3, is_best=True), Version("A", 4, 4))
    assert history.best_text == "B"


def test_attention_is_that_of_the_best_and_of_the_last_validation(tmp_path: Path) -> None:
    (history,) = found(tmp_path, validated(1), validated(2, is_best=False))
    assert history.best[0].weights == history.last[0].weights == ATTENTION["weights"]
    (history,) = found(tmp_path, validated(1))
    assert history.best == history.last and len(history.last) == 1 and history.best_is_last
    unlogged = validated(1)
    del unlogged["samples"][0]["attention"]
    (history,) = found(tmp_path, unlogged, validated(2, is_best=False))
    assert history.best == () and len(history.last) == 1 and not history.best_is_last


def test_too_many_versions_are_thinned_out_and_counted(tmp_path: Path) -> None:
    lines = [validated(step, f"version {step}", is_best=step <= 50) for step in range(1, 101)]
    (history,) = found(tmp_path, *lines)
    assert len(history.versions) + history.left_out == 100
    assert len(history.versions) <= MOST_VERSIONS + 1
    kept = {version.text for version in history.versions}
    assert kept >= {"version 1", "version 50", "version 100"}


def test_samples_without_a_direction_stand_in_the_order_of_the_directions(tmp_path: Path) -> None:
    samples = [{"source": str(i), "reference": "", "translation": ""} for i in range(4)]
    line = validated(1, bleu_by_direction={"en-de": 1.0, "de-en": 2.0}, samples=samples)
    assert [history.sentence.direction for history in found(tmp_path, line)] == ["en-de", "en-de", "de-en", "de-en"]


@pytest.mark.parametrize(
    "damage",
    [
        {"weights": [[0.9, 0.1]]}, {"weights": [[0.9], [0.1]]}, {"weights": [[0.9, 2.0], [0.0, 0.1]]},
        {"weights": [[0.9, "0"], [0.0, 0.1]]}, {"weights": None}, {"source": [1, 2]}, {"target": []}, {"source": "ab"},
    ],
)  # fmt: skip
def test_attention_that_is_none_is_left_out(tmp_path: Path, damage: dict) -> None:
    line = validated(1)
    line["samples"][0]["attention"] = [ATTENTION | damage, ATTENTION]
    (history,) = found(tmp_path, line)
    assert len(history.last) == 1
