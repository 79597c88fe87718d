"""Scores by how long the source sentences are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sacrebleu.metrics.chrf import CHRF

from nmt.config import EvaluationOptions
from nmt.errors import InputError
from nmt.evaluation.bands import Band, bands_from
from nmt.evaluation.metrics import bleu_metric, check_systems

LENGTHS = bands_from((0, 1, 6, 11, 16, 21, 31))
"""Source words of a sentence."""
_DEFAULTS = EvaluationOptions()


@dataclass(frozen=True)
class LengthScores:
    """What a system reached on the sentences of one band. BLEU and chrF are corpus scores, 0 to 100.

    `length_ratio` is the words of the system over those of the references, as BLEU counts them; None where the
    references have none.
    """

    bleu: float
    chrf: float
    length_ratio: float | None


@dataclass(frozen=True)
class LengthResult:
    """The sentences whose source has `words` words, how many they are, and each system's scores on them."""

    words: Band
    sentences: int
    scores: Mapping[str, LengthScores]


def by_length(
    systems: Mapping[str, Sequence[str]],
    sources: Sequence[str],
    references: Sequence[str],
    options: EvaluationOptions = _DEFAULTS,
    *,
    target: str | None = None,
) -> tuple[LengthResult, ...]:
    """Scores of each system in each of LENGTHS, shortest first; bands without sentences are left out.

    A source word is what white space sets apart. Raises InputError like `evaluate`, and where `sources` are not as
    many as `references`.
    """
    check_systems(systems, references)
    if len(sources) != len(references):
        raise InputError(f"got {len(sources)} sources for {len(references)} references")
    lengths = [len(source.split()) for source in sources]
    places = {band: [at for at, length in enumerate(lengths) if length in band] for band in LENGTHS}
    return tuple(
        LengthResult(
            band,
            len(chosen),
            {name: _scores([texts[at] for at in chosen], [references[at] for at in chosen], options, target)
             for name, texts in systems.items()},
        )
        for band, chosen in places.items()
        if chosen
    )  # fmt: skip


def _scores(
    texts: Sequence[str], references: Sequence[str], options: EvaluationOptions, target: str | None
) -> LengthScores:
    bleu = bleu_metric(options, target).corpus_score(texts, [references])
    chrf = CHRF(lowercase=options.lowercase).corpus_score(texts, [references])
    return LengthScores(bleu.score, chrf.score, bleu.sys_len / bleu.ref_len if bleu.ref_len else None)
