"""Means over steps."""

import math
import time

from training.loop import StepReport


class Totals:
    """Means over the steps since they were last read."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.loss = self.nll = self.norm = 0.0
        self.steps = self.tokens = 0
        self.began = time.monotonic()

    def add(self, report: StepReport) -> None:
        self.loss += report.loss * report.target_tokens
        self.nll += report.nll * report.target_tokens
        self.norm += report.gradient_norm
        self.steps += 1
        self.tokens += report.target_tokens

    def read(self) -> dict[str, float]:
        """`loss` and `nll` per target token (nats), `perplexity`, `gradient_norm`, `tokens_per_s`; starts again."""
        tokens, steps = max(self.tokens, 1), max(self.steps, 1)
        figures = {
            "loss": self.loss / tokens,
            "nll": self.nll / tokens,
            "perplexity": math.exp(min(self.nll / tokens, 100)),
            "gradient_norm": self.norm / steps,
            "tokens_per_s": self.tokens / max(time.monotonic() - self.began, 1e-9),
        }
        self.reset()
        return figures
