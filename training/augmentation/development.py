"""Sentences held out in all languages at once, so that every direction can be validated."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence

from training.augmentation.config import LanguagePair
from training.augmentation.corpora import Bitexts, HeldOut, oriented
from training.augmentation.pivot import disagreement
from training.augmentation.text import Pair, identity

FEWEST_WORDS = 3
"""Of a sentence held out: greetings and exclamations are left to learn from."""
MOST_OF = 4
"""At most one in so many of the sentences that could be held out is."""


def hold_out(bitexts: Bitexts, pivot: str, count: int, seed: int) -> tuple[Bitexts, dict[str, list[str]]]:
    """`bitexts` without `count` sentences, and these in all languages that share a corpus with `pivot`.

    A pivot sentence of FEWEST_WORDS or more is eligible if it has translations in all of these languages, none of them
    a translation of another pivot sentence, all compared without case and punctuation; where few are, one in MOST_OF of
    them is held out. It goes with all its translations, so that no pair that is left shares a side with one held out;
    of several translations, those that agree best in length and final mark are in the answer. With only one other
    language there is nothing to join, and none is held out.
    """
    languages = sorted({language for pair in bitexts if pivot in pair for language in pair} - {pivot})
    translations = {language: _by_identity(oriented(bitexts, pivot, language)) for language in languages}
    lone = {language: _lone(found) for language, found in translations.items()}
    common = set.intersection(*map(set, lone.values())) if count and len(languages) > 1 else set()
    chosen = sorted(said for said in common if len(said.split()) >= FEWEST_WORDS)
    random.Random(f"{seed} development").shuffle(chosen)
    lines: dict[str, list[str]] = {language: [] for language in (pivot, *languages)}
    held_out = HeldOut()
    for said in sorted(chosen[: min(count, len(chosen) // MOST_OF)]):
        sides = {language: translations[language][said] for language in languages}
        for language, pairs in sides.items():
            for sentence, translation in pairs:
                held_out.add(pivot, sentence)
                held_out.add(language, translation)
        for language, sentence in _agreeing(pivot, sides).items():
            lines[language].append(sentence)
    return {pair: held_out.keep_out(found, pair) for pair, found in bitexts.items()}, lines


def _by_identity(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    found: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        found[identity(pair[0])].append(pair)
    return found


def _lone(translations: Mapping[str, Sequence[Pair]]) -> list[str]:
    """The pivot sentences whose translations are those of no other."""
    origins: defaultdict[str, set[str]] = defaultdict(set)
    for said, pairs in translations.items():
        for _, translation in pairs:
            origins[identity(translation)].add(said)
    return [
        said
        for said, pairs in translations.items()
        if all(len(origins[identity(translation)]) == 1 for _, translation in pairs)
    ]


def _agreeing(pivot: str, sides: Mapping[str, Sequence[Pair]]) -> dict[str, str]:
    """One sentence in each language: the best first pair, then what agrees best with all that are chosen."""
    chosen: dict[str, str] = {}
    for language, pairs in sides.items():
        chosen.setdefault(pivot, pairs[0][0])
        chosen[language] = min((other for _, other in pairs), key=lambda one: (_against(one, language, chosen), one))
    return chosen


def _against(sentence: str, language: str, chosen: Mapping[str, str]) -> float:
    pairs: list[tuple[Pair, LanguagePair]] = [((sentence, other), (language, code)) for code, other in chosen.items()]
    return max(disagreement(pair, languages) for pair, languages in pairs)
