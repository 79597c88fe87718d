"""How good translations are: on the whole, by kinds of sentences and words, and on cases made to be hard."""

from nmt.evaluation.metrics import LOWER_IS_BETTER, SACREBLEU_VERSION, MetricScore, bleu, chrf, evaluate, sentence_chrf

__all__ = ["LOWER_IS_BETTER", "SACREBLEU_VERSION", "MetricScore", "bleu", "chrf", "evaluate", "sentence_chrf"]
