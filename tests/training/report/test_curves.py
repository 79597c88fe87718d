"""Laws of the curves: thinning loses no end and no peak; each run's figures stand in the chart that they belong to."""

import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.training.report.logs import stopped, trained, validated, write_run
from training.report.curves import Chart, charts, thinned
from training.report.record import read_record

VALUES = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=200)


@given(VALUES, st.integers(4, 50))
def test_thinned_keeps_the_ends_and_the_extremes(values: list[float], most: int) -> None:
    places = thinned(values, most)
    assert places == sorted(set(places)) and len(places) <= max(most, 0)
    kept = [values[place] for place in places]
    if values:
        assert (places[0], places[-1]) == (0, len(values) - 1)
        assert (min(kept), max(kept)) == (min(values), max(values))
    if len(values) <= most:
        assert kept == values


def drawn(*folders: Path) -> dict[str, Chart]:
    return {chart.title: chart for chart in charts([read_record(folder) for folder in folders])}


def test_every_figure_has_its_chart(tmp_path: Path) -> None:
    found = drawn(write_run(tmp_path))
    assert list(found) == [
        "Training loss", "Negative log-likelihood", "BLEU", "Gradient norm", "Learning rate",
        "Target tokens per second", "Gradient norm by part of the model",
    ]  # fmt: skip
    loss = found["Training loss"].curves[0]
    assert (loss.steps, loss.tokens, loss.values) == ([1, 2, 3, 4], [100, 200, 300, 400], [9.0, 4.5, 3.0, 2.25])
    assert [curve.name for curve in found["Negative log-likelihood"].curves] == ["training", "validation"]
    parts = found["Gradient norm by part of the model"].curves
    assert {curve.name: curve.values[0] for curve in parts} == {"encoder.layers.0": 0.6, "decoder.attention": 0.8}


def test_each_direction_has_its_curve_and_several_have_their_mean(tmp_path: Path) -> None:
    both = validated(2, bleu_by_direction={"de-en": 30.0, "en-de": 20.0}, bleu=25.0)
    found = {curve.name: curve.values for curve in drawn(write_run(tmp_path, [both]))["BLEU"].curves}
    assert found == {"de-en": [30.0], "en-de": [20.0], "mean": [25.0]}


def test_a_log_of_before_has_the_curves_it_has(tmp_path: Path) -> None:
    line = trained(1)
    del line["gradient_norms"]
    assert "Gradient norm by part of the model" not in drawn(write_run(tmp_path, [line]))
    assert drawn(write_run(tmp_path, [])) == {}


def test_what_is_no_finite_number_is_no_point(tmp_path: Path) -> None:
    lines = [trained(1, loss=float("nan")), trained(2, loss="4"), trained(3, loss=None), trained(4, loss=2.0)]
    (curve,) = drawn(write_run(tmp_path, lines))["Training loss"].curves
    assert (curve.steps, curve.values) == ([4], [2.0])


def test_figures_of_another_task_have_charts_too(tmp_path: Path) -> None:
    line = {"event": "validation", "step": 3, "target_tokens": 5, "nll": 1.0, "accuracy": 80.0, "my_figure": 2.0}
    found = drawn(write_run(tmp_path, [line, stopped(3)]))
    assert list(found) == ["Negative log-likelihood", "Accuracy", "My figure"]


def test_runs_share_charts_and_each_part_has_one(tmp_path: Path) -> None:
    found = drawn(write_run(tmp_path / "a"), write_run(tmp_path / "b", [trained(7)]))
    assert [curve.run for curve in found["Training loss"].curves] == [0, 1]
    assert [curve.run for curve in found["decoder.attention"].curves] == [0, 1]
    assert "Gradient norm by part of the model" not in found


def test_the_largest_number_is_a_point(tmp_path: Path) -> None:
    largest = sys.float_info.max
    (curve,) = drawn(write_run(tmp_path, [trained(1, loss=largest)]))["Training loss"].curves
    assert curve.values == [largest]
