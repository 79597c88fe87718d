"""BLEU, chrF and TER by sacreBLEU, with signatures and significance."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sacrebleu
from sacrebleu.metrics.base import Metric
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER
from sacrebleu.significance import PairedTest, Result

from nmt.config import EvaluationOptions
from nmt.errors import InputError

SACREBLEU_VERSION: str = sacrebleu.__version__
LOWER_IS_BETTER = frozenset({"TER"})
_UNSPACED_TOKENIZERS = {"zh": "zh", "ja": "char", "ko": "char", "th": "char"}
_DEFAULTS = EvaluationOptions()


@dataclass(frozen=True)
class MetricScore:
    """What one metric says of one system on one test set.

    `signature` says how it was measured, in sacreBLEU's form: scores compare only where it is equal. `mean` and
    `interval` (half the width of the 95 % interval) are those of the bootstrap. `p_value` is that of the paired
    bootstrap against the first system: how likely a difference this large is if the two were equally good; 1 where
    there is none.
    """

    metric: str
    score: float
    signature: str
    mean: float | None = None
    interval: float | None = None
    p_value: float | None = None


def evaluate(
    systems: Mapping[str, Sequence[str]],
    references: Sequence[str],
    options: EvaluationOptions = _DEFAULTS,
    *,
    target: str | None = None,
) -> dict[str, tuple[MetricScore, ...]]:
    """BLEU, chrF and TER of each system's translations, in that order; the first system is the baseline.

    `target` is the language of the texts: those written without spaces get a tokenizer of their own. The bootstrap is
    seeded with 12345, or with the environment's SACREBLEU_SEED. Raises InputError where there is nothing to compare,
    where a system has more or fewer translations than there are references, and for a seed that is no number.
    """
    check_systems(systems, references)
    seed = os.environ.get("SACREBLEU_SEED", "12345")
    if not re.fullmatch(r"\d{1,9}|None", seed):
        raise InputError(f"SACREBLEU_SEED: got {seed!r}, expected a whole number")
    metrics = _metrics(options, target)
    if not options.bootstrap_samples:
        return {name: _plain_scores(metrics, texts, references) for name, texts in systems.items()}
    test = PairedTest(list(systems.items()), metrics, [references], test_type="bs", n_samples=options.bootstrap_samples)
    signatures, columns = test()
    scores: dict[str, list[MetricScore]] = {name: [] for name in systems}
    for metric, signature in signatures.items():
        results = [result for result in columns[metric] if isinstance(result, Result)]
        for name, result in zip(systems, results, strict=True):
            p_value = 1.0 if result.p_value is not None and result.score == results[0].score else result.p_value
            found = (result.score, signature.format(), _number(result.mean), _number(result.ci), _number(p_value))
            scores[name].append(MetricScore(metric, *found))
    return {name: tuple(found) for name, found in scores.items()}


def bleu(hypotheses: Sequence[str], references: Sequence[str], *, target: str | None = None) -> MetricScore:
    """Cased BLEU of detokenised text. Raises InputError like `evaluate`."""
    return _plain_score("BLEU", hypotheses, references, target)


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> MetricScore:
    """Cased chrF of detokenised text. Raises InputError like `evaluate`."""
    return _plain_score("chrF", hypotheses, references)


def sentence_chrf(
    hypotheses: Sequence[str], references: Sequence[str], options: EvaluationOptions = _DEFAULTS
) -> list[float]:
    """chrF of each sentence by itself, 0 to 100. Raises InputError like `evaluate`."""
    check_systems({"the system": hypotheses}, references)
    metric = CHRF(lowercase=options.lowercase)
    pairs = zip(hypotheses, references, strict=True)
    return [metric.sentence_score(hypothesis, [reference]).score for hypothesis, reference in pairs]


def bleu_metric(options: EvaluationOptions, target: str | None, *, sentences: bool = False) -> BLEU:
    """BLEU with the tokenizer of the language `target`; with `sentences`, of the orders that its length allows."""
    tokenizer = _UNSPACED_TOKENIZERS.get(target or "", "13a")
    return BLEU(lowercase=options.lowercase, tokenize=tokenizer, effective_order=sentences)


def check_systems(systems: Mapping[str, Sequence[str]], references: Sequence[str]) -> None:
    """Raise InputError where there is nothing to compare, and where a system has more or fewer texts."""
    if not systems:
        raise InputError("there are no systems to evaluate")
    if not references:
        raise InputError("the test set is empty: there is nothing to evaluate")
    for name, texts in systems.items():
        if len(texts) != len(references):
            raise InputError(f"{name} has {len(texts)} translations for {len(references)} references")


def _metrics(options: EvaluationOptions, target: str | None) -> dict[str, Metric]:
    unspaced = target in _UNSPACED_TOKENIZERS
    return {
        "BLEU": bleu_metric(options, target),
        "chrF": CHRF(lowercase=options.lowercase),
        "TER": TER(case_sensitive=not options.lowercase, asian_support=unspaced, normalized=unspaced),
    }


def _plain_score(
    name: str, hypotheses: Sequence[str], references: Sequence[str], target: str | None = None
) -> MetricScore:
    check_systems({"the system": hypotheses}, references)
    return _plain_scores({name: _metrics(_DEFAULTS, target)[name]}, hypotheses, references)[0]


def _plain_scores(
    metrics: Mapping[str, Metric], hypotheses: Sequence[str], references: Sequence[str]
) -> tuple[MetricScore, ...]:
    scores = []
    for metric in metrics.values():
        found = metric.corpus_score(hypotheses, [references])
        scores.append(MetricScore(found.name, found.score, metric.get_signature().format()))
    return tuple(scores)


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
