"""Which pairs of lines are not worth learning from, as far as their texts say."""

# N pairs

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nmt.identification.identifier import LanguageIdentifier
from training.config import CleaningConfig
from training.encoding import KEPT, RULES, Pair, Verdicts, bare, empty_sides

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_NON_CHARACTERS = "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
INVALID = re.compile(f"[\ufffd\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\U000f0000-\U0010ffff{_NON_CHARACTERS}]")


class Cleaner:
    """The rules of `[cleaning]` that look at the texts of pairs in two languages."""

    def __init__(
        self,
        languages: tuple[str, str],
        options: CleaningConfig,
        identifier: LanguageIdentifier | None,
        held_out: frozenset[Pair] = frozenset(),
    ) -> None:
        """`identifier` is needed where `options.language_confidence` is below 1; `held_out` are `bare` pairs."""
        self._languages, self._options, self._identifier = languages, options, identifier
        self._held_out = held_out

    def judge(self, pairs: Sequence[Pair]) -> Verdicts:
        """For each pair the first rule that leaves it out, or KEPT."""
        verdicts_N = empty_sides(pairs)
        if self._options.invalid_characters:
            _mark(verdicts_N, "invalid_characters", [_either(INVALID, pair) for pair in pairs])
        if self._options.control_characters:
            _mark(verdicts_N, "control_characters", [_either(CONTROL, pair) for pair in pairs])
        if self._options.identical:
            _mark(verdicts_N, "identical", [first == second for first, second in map(bare, pairs)])
        if self._held_out:
            _mark(verdicts_N, "held_out", [bare(pair) in self._held_out for pair in pairs])
        for side, language in enumerate(self._languages):
            if self._tells(language):
                places = np.flatnonzero(verdicts_N == KEPT)
                foreign = self._foreign([pairs[place][side] for place in places.tolist()], language)
                verdicts_N[places[foreign]] = RULES.index("wrong_language")
        return verdicts_N

    def _tells(self, language: str) -> bool:
        """Whether texts are looked at for being in another language than this one, which must be one it knows."""
        known = self._identifier is not None and language in self._identifier.labels
        return known and self._options.language_confidence < 1

    def _foreign(self, texts: Sequence[str], language: str) -> NDArray[np.bool_]:
        assert self._identifier is not None
        found = self._identifier.identify_batch(texts, most=1)
        least = self._options.language_confidence
        return np.array([best.language != language and 0 < best.confidence >= least for (best,) in found], np.bool_)


def _mark(verdicts_N: Verdicts, rule: str, found: Sequence[bool]) -> None:
    verdicts_N[np.array(found, np.bool_) & (verdicts_N == KEPT)] = RULES.index(rule)


def _either(pattern: re.Pattern[str], pair: Pair) -> bool:
    return bool(pattern.search(pair[0]) or pattern.search(pair[1]))
