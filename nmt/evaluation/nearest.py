"""Which of several translations is nearest to a reference."""

from collections.abc import Sequence

from nmt.config import EvaluationOptions
from nmt.evaluation.metrics import bleu_metric


class Nearest:
    """Chooses by BLEU of the sentence alone, smoothed (`exp`) and of the orders that its length allows.

    Kim & Rush, 2016, "Sequence-level knowledge distillation", learn from such choices in place of the references
    (sequence-level interpolation).
    """

    def __init__(self, target: str | None = None) -> None:
        """`target` is the language of the texts, as for `evaluate`."""
        self._metric = bleu_metric(EvaluationOptions(), target, sentences=True)

    def __call__(self, translations: Sequence[str], reference: str) -> int:
        """The place of the nearest among `translations`, one or more; the first of those that are equally near."""
        scores = [self._metric.sentence_score(translation, [reference]).score for translation in translations]
        return scores.index(max(scores))
