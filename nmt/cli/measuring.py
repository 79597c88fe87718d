"""What systems wrote, measured in every way that was asked for."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from nmt.cli.progress import progress_is_visible, with_progress
from nmt.cli.reports import Row, SetResult
from nmt.cli.sentences import sentence_records
from nmt.cli.systems import EvaluationSet, System
from nmt.config import EvaluationOptions
from nmt.errors import InputError
from nmt.evaluation import evaluate
from nmt.evaluation.frequencies import by_frequency, count_words
from nmt.evaluation.lengths import by_length
from nmt.lines import count_lines, read_lines


def measured(
    sets: Sequence[EvaluationSet],
    systems: Sequence[System],
    options: EvaluationOptions,
    *,
    target: str | None,
    counts: Counter[str] | None,
    sentences: bool,
) -> tuple[SetResult, ...]:
    """Every system on every set, the first system as the baseline.

    `counts` are those of the training text's words, if there is one; `sentences`: also each sentence by itself.
    """
    tests = []
    for index, one in enumerate(sets):
        texts = {system.name: system.outputs[index].texts for system in systems}
        scores = evaluate(texts, one.references, options, target=target)
        tests.append(
            SetResult(
                one,
                tuple(Row(system.name, system.outputs[index], scores[system.name]) for system in systems),
                by_length(texts, one.sources, one.references, options, target=target),
                () if counts is None else by_frequency(texts, one.references, counts, options, target=target),
                tuple(sentence_records(one, index, systems, options)) if sentences else (),
            )
        )
    return tuple(tests)


def counted(paths: Sequence[Path], options: EvaluationOptions, target: str | None) -> Counter[str]:
    """How often the words stand in all of these files. Raises InputError for one that can't be read."""
    counts: Counter[str] = Counter()
    for path in paths:
        total = count_lines(path, error=InputError) if progress_is_visible(None) and path.is_file() else None
        lines = with_progress(read_lines(path, error=InputError), total, f"words of {path.name}")
        counts.update(count_words(lines, options, target=target))
    if not counts:
        raise InputError(f"{', '.join(map(str, paths))}: no words in it; expected the training text")
    return counts
