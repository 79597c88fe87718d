"""A run's log as it is found: what can be read is read, the rest is said."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import DataError
from tests.training.report.logs import stopped, trained, validated, write_run
from training.report.record import number, read_record


def steps(folder: Path) -> list[int]:
    return [line["step"] for line in read_record(folder).trained]


def test_a_whole_log_is_read_without_notices(tmp_path: Path) -> None:
    record = read_record(write_run(tmp_path / "my"))
    assert (record.name, record.notices, record.last_step) == ("my", (), 4)
    assert steps(tmp_path / "my") == [1, 2, 3, 4]
    assert record.best is not None and record.best["step"] == 4
    assert record.stopped is not None


def test_a_torn_last_line_is_said(tmp_path: Path) -> None:
    log = write_run(tmp_path) / "log.jsonl"
    log.write_bytes(log.read_bytes() + b'{"event": "train", "st')
    record = read_record(tmp_path)
    assert len(record.trained) == 4
    assert record.notices == ("log.jsonl: the last line is torn; the run was killed while writing it, or is writing",)


@pytest.mark.parametrize(
    "line", [b"", b"\xff\xfe", b"[]", b"17", b'{"event": "train"}', b'{"step": 3}', b"[" * 100_000,
             b'{"event": "train", "step": "3"}', b'{"event": "train", "step": -1}', b'{"event": "train", "step": 1.5}',
             b'{"event": "train", "step": NaN}', b'{"event": "train", "step": true}', b'{"event": 1, "step": 3}'],
)  # fmt: skip
def test_a_damaged_line_is_left_out_and_named(tmp_path: Path, line: bytes) -> None:
    log = write_run(tmp_path) / "log.jsonl"
    lines = log.read_bytes().split(b"\n")
    log.write_bytes(b"\n".join([*lines[:2], line, *lines[2:]]))
    record = read_record(tmp_path)
    assert len(record.trained) == 4 and len(record.validated) == 2
    assert record.notices == ("log.jsonl: line 3 is damaged and was left out",)


def test_many_damaged_lines_are_counted(tmp_path: Path) -> None:
    (write_run(tmp_path, []) / "log.jsonl").write_bytes(b"x\n" * 1200)
    (notice,) = read_record(tmp_path).notices
    assert notice == "log.jsonl: 1,200 lines are damaged and were left out (lines 1, 2, 3, …)"


def test_of_two_lines_for_one_step_the_later_counts(tmp_path: Path) -> None:
    lines = [trained(2, loss=1.0), trained(3), trained(2, loss=5.0)]
    record = read_record(write_run(tmp_path, lines))
    assert [(line["step"], line["loss"]) for line in record.trained] == [(2, 5.0), (3, 3.0)]


def test_a_run_that_went_on_has_not_ended(tmp_path: Path) -> None:
    assert read_record(write_run(tmp_path, [trained(1), stopped(1), trained(2)])).stopped is None


def test_what_had_changed_where_it_went_on_is_said(tmp_path: Path) -> None:
    resumed = {"event": "resumed", "step": 1, "changed": ["training.seed is now 2"]}
    record = read_record(write_run(tmp_path, [trained(1), stopped(1), resumed]))
    assert record.notices == ("at step 1: training.seed is now 2",) and record.stopped is None


def test_the_best_validation_is_the_last_that_was_marked(tmp_path: Path) -> None:
    lines = [validated(2), validated(4), validated(6, is_best=False)]
    best = read_record(write_run(tmp_path, lines)).best
    assert best is not None and best["step"] == 4


@pytest.mark.parametrize(("content", "notice"), [(b"{", "not JSON"), (b"[]", "not a table"), (None, "can't be read")])
def test_a_configuration_that_is_none_is_said(tmp_path: Path, content: bytes | None, notice: str) -> None:
    path = write_run(tmp_path) / "config.json"
    path.unlink() if content is None else path.write_bytes(content)
    record = read_record(tmp_path)
    assert record.config == {} and len(record.trained) == 4
    assert len(record.notices) == 1 and notice in record.notices[0]


def test_a_folder_without_a_log_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"log\.jsonl: No such file.*expected the folder of a run"):
        read_record(tmp_path)


@given(st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.none()))
def test_a_number_is_finite(value: object) -> None:
    found = number(value)
    assert found is None or abs(found) < float("inf")
