"""What hypotheses of different lengths are compared by."""


def rank_score(log_probability: float, length: int, alpha: float) -> float:
    """log-probability / length^alpha, higher is better; `length` counts the end symbol and is at least 1.

    alpha 0 compares plain log-probabilities and favours short hypotheses; alpha 1 compares the mean per token.
    """
    assert length >= 1, "a hypothesis has at least its end symbol"
    penalty: float = length**alpha
    return log_probability / penalty
