"""The learning rate over a run."""

import pytest

from training.config import OptimizationConfig, ScheduleKind
from training.schedule import learning_rate, progress_fraction

SCHEDULES: list[ScheduleKind] = ["constant", "inverse_sqrt", "linear", "cosine"]


def config(schedule: ScheduleKind, *, warmup_steps: int = 10, lowest: float = 0.0) -> OptimizationConfig:
    return OptimizationConfig(
        schedule=schedule, max_steps=100, learning_rate=0.5, warmup_steps=warmup_steps, min_learning_rate=lowest
    )


def rates(options: OptimizationConfig) -> list[float]:
    steps = range(1, options.max_steps + 1)
    return [learning_rate(options, step, progress_fraction(options, step, 0, 0.0)) for step in steps]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_rate_rises_in_warm_up_and_never_after_it(schedule: ScheduleKind) -> None:
    found = rates(config(schedule))
    assert found[:10] == sorted(found[:10])
    assert found[9:] == sorted(found[9:], reverse=True)
    assert min(found[:-1]) > 0 and max(found) <= 0.5


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_without_warm_up_the_first_rate_is_the_highest(schedule: ScheduleKind) -> None:
    assert learning_rate(config(schedule, warmup_steps=0), 1, 0.0) == 0.5


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_the_end_is_the_minimum_and_half_way_is_the_mean(schedule: ScheduleKind) -> None:
    options = config(schedule, lowest=0.1)
    assert learning_rate(options, 50, 0.5) == pytest.approx(0.3)
    assert learning_rate(options, 100, 1.0) == pytest.approx(0.1)
    assert learning_rate(options, 150, 1.5) == pytest.approx(0.1)


def test_inverse_sqrt_halves_in_four_times_the_steps() -> None:
    options = config("inverse_sqrt")
    assert learning_rate(options, 40, 0.4) == pytest.approx(learning_rate(options, 10, 0.1) / 2)


def test_a_constant_rate_stays() -> None:
    assert set(rates(config("constant", warmup_steps=0))) == {0.5}


def test_of_several_limits_the_nearest_counts() -> None:
    options = OptimizationConfig(max_steps=100, max_target_tokens=1000, max_epochs=2.5)
    assert progress_fraction(options, 50, 100, 0.0) == 0.5
    assert progress_fraction(options, 50, 900, 1.25) == 0.9
    assert progress_fraction(options, 50, 900, 2.4) == 0.96
    assert progress_fraction(options, 200, 0, 0.0) == 1.0
    assert progress_fraction(OptimizationConfig(), 10**9, 10**12, 10.0**6) == 0.0
