"""Words that nobody has learnt because they are mistyped: one slip away from a word that is met often."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from nmt.text.edits import Edit
from nmt.text.names import NOUNS_HAVE_CAPITALS
from nmt.text.slips import Slip, slips
from nmt.text.spans import disjoint, touches

Magnitudes = Callable[[str, Sequence[str]], Sequence[int]]
"""How often each of some words of a language is met: the binary digits of how many times, 0 if it is unknown."""

_MARKS, _APOSTROPHES = r"\u0300-\u036f", "'’\u02bc"
_JOINING = rf"\w{_MARKS}\u00ad\u200b-\u200d\u2010\u2011\u2060-"  # hyphens, and what can't be seen
_WORD = re.compile(rf"(?<![{_JOINING}])(?:[^\W\d_\u02bc][{_MARKS}]*)+(?![{_JOINING}]|[{_APOSTROPHES}]\w)")
_IN_ELISION = re.compile(rf"\w[{_APOSTROPHES}]\Z")
_ELIDING = ("fr",)
_BEFORE_NAME = re.compile(r"\b(?:Dr\.|Familie|Frau|Herrn?|Prof\.)\s\Z")
_LOOKED_BACK = 10
_MOST_UNKNOWN = 1 / 2
_MOST_LETTERS = 20
_FEWEST_LETTERS = {
    Slip.SPELT_SO: 2, Slip.WITHOUT_ACCENT: 3, Slip.LIKELY: 3, Slip.MISSING_OR_EXTRA: 5, Slip.OTHER_LETTER: 7,
}  # fmt: skip
_OFTEN = {2: 10, 3: 13, 4: 10, 5: 7, 6: 5, 7: 4}
"""How often a word must be met that so many letters may have been meant for; more letters, as the last."""
_LEAST, _LEAD = 5, 2
_REMEMBERED = 10_000


class Speller:
    """Tells mistyped words from others by how often words are met. It may be asked from several threads at once."""

    def __init__(self, magnitudes: Magnitudes) -> None:
        self._magnitudes = magnitudes
        self.meant = lru_cache(_REMEMBERED)(self._meant)

    def corrections(
        self,
        text: str,
        language: str,
        untouched: Sequence[tuple[int, int]] = (),
        *,
        is_part: bool = False,
        most: Slip = Slip.OTHER_LETTER,
    ) -> Iterator[Edit]:
        """What puts the words that were meant in the place of mistyped ones in the sentence `text`.

        Unknown words are mistyped if `meant` finds what they should be after a slip up to `most`. Left alone are those
        that touch `untouched`, and those with a capital, which may be names, unless they begin the sentence (of which
        `text` may be a part) or the language writes all nouns so; then only likely slips are looked for. Where more
        than half of the words are unknown, all are left alone: the language may be another.
        """
        words = [word for word in _WORD.finditer(text) if _stands_alone(text, word.start(), language)]
        composed = [unicodedata.normalize("NFC", word[0]) for word in words]
        known = self._magnitudes(language, composed)
        unknown = [(word, written) for word, written, size in zip(words, composed, known, strict=True) if not size]
        if len(unknown) > max(1, _MOST_UNKNOWN * len(words)):
            return
        beginning = None if is_part or not words else words[0]
        kept = disjoint(untouched)
        for word, written in unknown:
            start, end = word.span()
            has_capital = written.istitle()
            may_be_noun = language in NOUNS_HAVE_CAPITALS and not _BEFORE_NAME.search(
                text, max(0, start - _LOOKED_BACK), start
            )
            may_be_meant = written.islower() or (has_capital and (word is beginning or may_be_noun))
            if may_be_meant and not touches(kept, start, end) and len(written) <= _MOST_LETTERS:
                found = self.meant(written.lower(), language, Slip.LIKELY if has_capital else most)
                if found is not None:
                    is_i = language == "en" and found.startswith("i'")
                    yield Edit(start, end, found[0].upper() + found[1:] if has_capital or is_i else found)

    def _meant(self, word: str, language: str, most: Slip) -> str | None:
        """The word that was meant by the unknown `word`, in lower case; None where nothing is likely enough.

        Words are ranked by how often they are met, less the penalty of the slip; what has an apostrophe is met as often
        as the rarer part. One must be met often, all the more the shorter `word` is, and be ahead of all others.
        """
        found: dict[str, tuple[str, Slip]] = {}
        for candidate, slip in slips(word, language):
            if slip <= most and len(word) >= _FEWEST_LETTERS[slip]:
                found.setdefault(candidate.casefold(), (candidate, slip))
        parts = sorted({part for candidate, _ in found.values() for part in candidate.split("'")})
        met = dict(zip(parts, self._magnitudes(language, parts), strict=True))
        sizes = {candidate: min(met[part] for part in candidate.split("'")) for candidate, _ in found.values()}
        ranks = {candidate: sizes[candidate] - slip for candidate, slip in found.values() if sizes[candidate] >= _LEAST}
        best, *others = sorted(ranks, key=lambda one: -ranks[one]) or [""]
        is_met_often = bool(best) and ranks[best] >= _OFTEN[min(len(word), max(_OFTEN))]
        return best if is_met_often and all(ranks[best] - ranks[one] >= _LEAD for one in others) else None


def _stands_alone(text: str, start: int, language: str) -> bool:
    """Whether no apostrophe joins the word at `start` with letters before it, but where one stands for a vowel."""
    return language in _ELIDING or not _IN_ELISION.search(text, max(0, start - 2), start)
