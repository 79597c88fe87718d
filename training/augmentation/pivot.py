"""Pairs of languages that share no corpus, joined where their sentences translate one sentence of a third language."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import product

from training.augmentation.config import LanguagePair, PivotConfig
from training.augmentation.text import Pair, final_mark, meaning

# What a sentence says of whom it speaks to: one whom one knows well, or others.
_FAMILIAR = {
    "de": re.compile(r"\b(?:du|dich|dir|dein\w*)\b", re.IGNORECASE),
    "es": re.compile(
        r"\b(?:tú|te|ti|contigo|vos|tus?|tuy[oa]s?|has|eres|estás|estabas|tienes|quieres|puedes|podrías|sabes|vas|debes|"
        r"deberías|piensas|crees|vienes|haces|hiciste|dices|dijiste|ves|necesitas|conoces|vives|haz\w*|dime|vete|sos|"
        r"terminaste|fuiste|vayas|seas|tengas|hagas)\b",
        re.IGNORECASE,
    ),
    "fr": re.compile(r"\b(?:tu|te|toi|ton|ta|tes|tien(?:ne)?s?)\b|\bt['’]", re.IGNORECASE),
}
_OTHERS = {
    "de": re.compile(r"(?<=\w )(?:Sie|Ihnen|Ihr\w*)\b|\b(?:euch|[Ee]uer|[Ee]ur\w+)\b|\b(?:[Ss]eid|\w+t) ihr\b"),
    "es": re.compile(r"\b(?:usted(?:es)?|vosotr[oa]s|vuestr\w+)\b|\b\w+[áé]is\b", re.IGNORECASE),
    "fr": re.compile(r"\b(?:vous|votre|vos|vôtres?)\b|\b(?!(?:chez|nez|assez|rez)\b)\w+ez\b", re.IGNORECASE),
}
_SHORT = 10  # characters below which lengths say little
_MOST = 100  # sentences of one meaning that are looked at, of each language: all pairs of them are compared
_MARK_DIFFERS = 0.3  # in units of a log ratio of lengths


def join(first: Sequence[Pair], second: Sequence[Pair], languages: LanguagePair, options: PivotConfig) -> list[Pair]:
    """Pairs of `languages`, from pairs (pivot, sentence) of the one and the other.

    Two pivot sentences are the same if they differ only in case and punctuation, and both or neither is a question. Of
    the many pairs that one allows, those are taken that agree best in length and final mark, as long as neither side
    is in `options.uses` pairs already. None is taken that says "du" on one side and "vous" on the other, is a question
    on one side alone, or `options.length_ratio` times as long on one side.
    """
    left, right = _by_pivot(first), _by_pivot(second)
    uses: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    joined: dict[Pair, None] = {}
    for said in sorted(left.keys() & right.keys()):
        scored = sorted((disagreement(pair, languages), pair) for pair in product(left[said], right[said]))
        taken = 0
        for score, (one, other) in scored:
            if score > math.log(options.length_ratio) or taken == options.variants:
                break
            if uses[0][one] < options.uses and uses[1][other] < options.uses and (one, other) not in joined:
                joined[one, other] = None
                uses[0][one] += 1
                uses[1][other] += 1
                taken += 1
    return list(joined)


def disagreement(pair: Pair, languages: LanguagePair) -> float:
    """How unlike the two sentences are, 0 or more: the log ratio of their lengths, more where the last marks differ.

    Infinite where one is a question or speaks to somebody familiar and the other is not or does not.
    """
    marks = [final_mark(sentence) for sentence in pair]
    if (marks[0] == "?") != (marks[1] == "?") or _addresses(pair, languages) == {"familiar", "others"}:
        return math.inf
    lengths = [max(len(sentence), _SHORT) for sentence in pair]
    return abs(math.log(lengths[0] / lengths[1])) + _MARK_DIFFERS * (marks[0] != marks[1])


def _addresses(pair: Pair, languages: LanguagePair) -> set[str]:
    return set().union(*(_address(sentence, language) for sentence, language in zip(pair, languages, strict=True)))


def _address(sentence: str, language: str) -> Iterator[str]:
    if language in _FAMILIAR:
        if _FAMILIAR[language].search(sentence):
            yield "familiar"
        elif _OTHERS[language].search(sentence):
            yield "others"


def _by_pivot(pairs: Sequence[Pair]) -> dict[str, list[str]]:
    """The first _MOST sentences of each meaning of the pivot, each once, in order."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for pivot, sentence in pairs:
        sentences = found[meaning(pivot)]
        if len(sentences) < _MOST:
            sentences[sentence] = None
    return {said: list(sentences) for said, sentences in found.items()}
