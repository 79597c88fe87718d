"""Words that nobody has learnt because they are mistyped: one slip away from a word that is met often."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from nmt.text.edits import Edit
from nmt.text.names import NOUNS_HAVE_CAPITALS

Magnitudes = Callable[[Sequence[str]], Sequence[int]]
"""How often each of some words, in lower case, is met: the binary digits of how many times, 0 if it is unknown."""

_WORD = re.compile(r"(?<![\w-])[^\W\d_]+(?![\w-])")
_MOST_UNKNOWN = 1 / 2
"""Of the words of a sentence; where more are unknown, it may well be in another language."""
_LETTERS = {"de": "äöü", "es": "áéíñóúü", "fr": "àâçèéêëîïôùûœ"}
_AROUND_APOSTROPHE = {
    "en": re.compile(
        r"(i)(m)|(i|you|we|they|he|she|it|that|there|who)(ll|d)|(i|you|we|they|could|would|should|might|must)(ve)"
        r"|(you|we|they)(re)|(he|she|it|that|there|here|who|what|where|when|how|let)(s)|(\w+n)(t)"
    ),
    "fr": re.compile(
        r"(c)([eé]\w*)|(jusqu|lorsqu|puisqu|quelqu|qu|[djlmnst])([aeiouyhàâéèêëîïôùûœ]\w*)|(aujourd)(hui)"
    ),
}
_LIKELY, _INSIDE, _OTHER = 0, 3, 5
"""How many powers of two more often the word must be met, for each kind of slip."""
_FEWEST_LETTERS = {_LIKELY: 2, _INSIDE: 4, _OTHER: 5}
_MOST_LETTERS = 30
_OFTEN, _LEAD = 4, 2


def corrections(
    text: str, language: str, magnitudes: Magnitudes, untouched: Sequence[tuple[int, int]] = ()
) -> Iterator[Edit]:
    """What puts the words that were meant in the place of mistyped ones in the sentence `text`.

    Unknown words are mistyped if `meant` finds what they should be; those that touch `untouched` are left alone, and so
    are those that a capital makes a name: at the beginning, where it may be one, only likely slips are looked for.
    """
    words = list(_WORD.finditer(text))
    known = magnitudes([word[0].casefold() for word in words])
    unknown = [word for word, magnitude in zip(words, known, strict=True) if not magnitude]
    if len(unknown) > max(1, _MOST_UNKNOWN * len(words)):
        return
    for word in unknown:
        start, end = word.span()
        has_capital, is_first = word[0].istitle(), not text[:start].strip()
        if word[0].islower() or (has_capital and language in NOUNS_HAVE_CAPITALS):
            most = _OTHER
        elif has_capital and is_first:
            most = _LIKELY
        else:
            continue
        if all(end <= first or start >= last for first, last in untouched):
            found = meant(word[0].lower(), language, magnitudes, most)
            if found is not None:
                yield Edit(start, end, found.capitalize() if has_capital else found)


def meant(word: str, language: str, magnitudes: Magnitudes, most: int = _OTHER) -> str | None:
    """The word that was meant by the unknown `word`, in lower case; None where nothing is likely enough.

    Likely slips are two neighbours swapped, a letter doubled or not doubled, and an accent or apostrophe left out; less
    likely ones a letter left out or too many; then another letter. The latter, with penalties up to `most`, are looked
    for inside the word alone, and not in short ones: its first letter is hardly ever wrong (Yannakoudakis and Fawthrop,
    1983, "The rules of spelling errors"), and its last ones are grammar. One word must be ahead of all others in its
    magnitude, less the penalty of its slip.
    """
    if len(word) > _MOST_LETTERS:
        return None
    penalties: dict[str, int] = {}
    for candidate, penalty in _slips(word, language):
        if penalty <= most and len(word) >= _FEWEST_LETTERS[penalty]:
            penalties.setdefault(candidate, penalty)
    parts = sorted({part for candidate in penalties for part in candidate.split("'")})
    met = dict(zip(parts, magnitudes(parts), strict=True))
    sizes = {candidate: min(met[part] for part in candidate.split("'")) for candidate in penalties}
    ranks = {candidate: size - penalties[candidate] for candidate, size in sizes.items() if size}
    by_rank = sorted(ranks, key=lambda one: -ranks[one])
    if not by_rank or ranks[by_rank[0]] < _OFTEN:
        return None
    best, *others = by_rank
    return best if all(ranks[best] - ranks[one] >= _LEAD for one in others) else None


def _slips(word: str, language: str) -> Iterator[tuple[str, int]]:
    """Words that this one may have been meant for, each with the penalty of the slip, the likely ones first."""
    if language in _AROUND_APOSTROPHE and (found := _AROUND_APOSTROPHE[language].fullmatch(word)):
        yield "'".join(filter(None, found.groups())), _LIKELY
    letters = "abcdefghijklmnopqrstuvwxyz" + _LETTERS.get(language, "")
    for i in range(len(word)):
        before, letter, after = word[:i], word[i], word[i + 1 :]
        if before and letter != before[-1]:
            yield f"{before[:-1]}{letter}{before[-1]}{after}", _LIKELY
        if before and letter == before[-1]:
            yield f"{before}{after}", _LIKELY
        yield f"{before}{letter}{letter}{after}", _LIKELY
        yield from ((f"{before}{one}{after}", _LIKELY) for one in letters if one != letter == _bare(one))
    for i in range(1, len(word)):
        yield from ((f"{word[:i]}{one}{word[i:]}", _INSIDE) for one in letters)
    for i in range(1, len(word) - 1):
        yield f"{word[:i]}{word[i + 1 :]}", _INSIDE
        yield from ((f"{word[:i]}{one}{word[i + 1 :]}", _OTHER) for one in letters if one != word[i])


def _bare(letter: str) -> str:
    """Without its accent."""
    return unicodedata.normalize("NFD", letter)[0]
