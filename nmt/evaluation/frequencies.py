"""How well words are translated that the training text often, seldom or never has.

After compare-mt: Neubig, Dou, Hu, Michel, Pruthi, Wang, compare-mt: A Tool for Holistic Comparison of Language
Generation Systems, NAACL 2019 (Demonstrations), section 3.2.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nmt.config import EvaluationOptions
from nmt.evaluation.bands import Band, bands_from
from nmt.evaluation.metrics import bleu_metric, check_systems

OCCURRENCES = bands_from((0, 1, 5, 10, 100, 1000))
"""How often a word stands in the training text."""
_DEFAULTS = EvaluationOptions()


@dataclass(frozen=True)
class WordScores:
    """How many words of one band the references have, the system wrote, and both have in the same sentence.

    A word that a sentence's reference has n times and its translation m times is matched min(n, m) times.
    """

    in_references: int
    in_translations: int
    matched: int

    @property
    def precision(self) -> float | None:
        """Share of the system's words that are matched, 0 to 1; None where it wrote none."""
        return self.matched / self.in_translations if self.in_translations else None

    @property
    def recall(self) -> float | None:
        """Share of the references' words that are matched, 0 to 1; None where they have none."""
        return self.matched / self.in_references if self.in_references else None

    @property
    def f1(self) -> float | None:
        """2 PR / (P + R) = 2 matched / (written + wanted), 0 to 1; None where there are no words."""
        words = self.in_references + self.in_translations
        return 2 * self.matched / words if words else None


@dataclass(frozen=True)
class FrequencyResult:
    """Target words that stand `occurrences` times in the training text, and each system's scores on them."""

    occurrences: Band
    scores: Mapping[str, WordScores]


def count_words(
    lines: Iterable[str], options: EvaluationOptions = _DEFAULTS, *, target: str | None = None
) -> Counter[str]:
    """How often each word stands in a text. Words and punctuation marks are apart, as BLEU sees them."""
    words = _words_of(options, target)
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(words(line))
    return counts


def by_frequency(
    systems: Mapping[str, Sequence[str]],
    references: Sequence[str],
    counts: Mapping[str, int],
    options: EvaluationOptions = _DEFAULTS,
    *,
    target: str | None = None,
) -> tuple[FrequencyResult, ...]:
    """Scores of each system in each of OCCURRENCES, rarest first; bands without words are left out.

    `counts` are those of `count_words` with the same `options` and `target`. Raises InputError like `evaluate`.
    """
    check_systems(systems, references)
    words = _words_of(options, target)
    wanted = [Counter(words(reference)) for reference in references]
    written = {name: [Counter(words(text)) for text in texts] for name, texts in systems.items()}

    def tally(sentences: Iterable[Counter[str]]) -> Counter[Band]:
        total: Counter[Band] = Counter()
        for sentence in sentences:
            for word, times in sentence.items():
                total[_band(counts.get(word, 0))] += times
        return total

    in_references = tally(wanted)
    found = {
        name: (tally(own), tally(mine & theirs for mine, theirs in zip(own, wanted, strict=True)))
        for name, own in written.items()
    }
    return tuple(
        FrequencyResult(band, {name: WordScores(in_references[band], own[band], matched[band])
                               for name, (own, matched) in found.items()})
        for band in OCCURRENCES
        if in_references[band] or any(own[band] for own, _ in found.values())
    )  # fmt: skip


def _words_of(options: EvaluationOptions, target: str | None) -> Callable[[str], list[str]]:
    tokenizer = bleu_metric(options, target).tokenizer

    def words(text: str) -> list[str]:
        return str(tokenizer((text.lower() if options.lowercase else text).rstrip())).split()

    return words


def _band(occurrences: int) -> Band:
    return next(band for band in OCCURRENCES if occurrences in band)
