"""The learning rate as a pure function of counts, never of time, so that a resumed run goes on as it would have."""

import math

from training.config import OptimizationConfig


def learning_rate(config: OptimizationConfig, step: int, progress: float) -> float:
    """The rate of step `step` (the first is 1) when the part `progress` in [0, 1] of the run is done.

    rate = warm-up x (min + (max - min) x decay), where warm-up = min(1, step / warmup_steps) and decay is
    1 (`constant`), sqrt(max(warmup_steps, 1) / step) from the end of warm-up on (`inverse_sqrt`; Vaswani et al., 2017),
    1 - progress (`linear`), or (1 + cos(pi progress)) / 2 (`cosine`; Loshchilov and Hutter, 2017).
    """
    assert step >= 1, "steps are counted from 1"
    warmup = min(1.0, step / config.warmup_steps) if config.warmup_steps else 1.0
    lowest, highest = config.min_learning_rate, config.learning_rate
    return warmup * (lowest + (highest - lowest) * _decay(config, step, min(max(progress, 0.0), 1.0)))


def progress_fraction(config: OptimizationConfig, steps: int, target_tokens: int, epochs: float) -> float:
    """The part of the planned run that is done, in [0, 1]; of several limits the nearest counts, without one it's 0."""
    counts = [(steps, config.max_steps), (target_tokens, config.max_target_tokens), (epochs, config.max_epochs)]
    return min(1.0, max(count / limit if limit else 0.0 for count, limit in counts))


def _decay(config: OptimizationConfig, step: int, progress: float) -> float:
    if config.schedule == "inverse_sqrt":
        flat = max(config.warmup_steps, 1)
        return math.sqrt(flat / max(step, flat))
    if config.schedule == "linear":
        return 1.0 - progress
    if config.schedule == "cosine":
        return (1.0 + math.cos(math.pi * progress)) / 2
    return 1.0
