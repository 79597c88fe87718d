"""The sentences of a test set with every system's translation, as records."""

from collections.abc import Sequence

from nmt.cli.systems import EvaluationSet, System
from nmt.config import EvaluationOptions
from nmt.evaluation.differences import differing_runs
from nmt.evaluation.metrics import sentence_chrf
from nmt.records import Record

DECIMALS = 2


def sentence_records(
    one: EvaluationSet, index: int, systems: Sequence[System], options: EvaluationOptions
) -> list[Record]:
    """Source, reference, and of each system, the baseline first, its translation and the chrF of that alone.

    `index` is the place of the set among all sets.
    """
    texts = [system.outputs[index].texts for system in systems]
    scores = [sentence_chrf(own, one.references, options) for own in texts]
    return [
        {
            "source": source,
            "reference": one.references[at],
            "systems": [
                {"name": system.name, "text": own[at], "chrf": round(score[at], DECIMALS)}
                for system, own, score in zip(systems, texts, scores, strict=True)
            ],
        }
        for at, source in enumerate(one.sources)
    ]


def with_differences(sentence: Record) -> Record:
    """The sentence's record, each system but the first with `differences`: the first one's text and its own, in runs.

    Runs are by turns their own (first and last) and shared by both.
    """
    first, *others = sentence["systems"]
    compared = [{**other, "differences": differing_runs(first["text"], other["text"])} for other in others]
    return {**sentence, "systems": [first, *compared]}
