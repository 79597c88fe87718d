"""Names that nobody has learnt: they are best said as they are."""

import re
from collections.abc import Callable, Iterator, Sequence

from nmt.text.segments import Span

_WORD = re.compile(r"(?<![\w-])(?:[A-ZÀ-ÖØ-Þ]['’])?[^\W\d_]+(?:-[^\W\d_]+)*(?![\w-])")
_WITHIN = re.compile(r"(?:[\w,;]\s|\w['’]|\b(?:[A-Z][a-z]{0,2}|Prof)\.\s)\Z")
"""What stands before a word within a sentence; titles of persons may end with a point."""
_LOOKED_BACK = 8
_FEWEST_LETTERS = 3
_NOUNS_HAVE_CAPITALS = ("de",)


def unknown_names(text: str, language: str, knows: Callable[[str], bool]) -> Iterator[Span]:
    """The stretches of the sentence `text` that are names, a word of which nobody `knows`, in order.

    A name is words beside each other that have capitals within the sentence; where it may as well begin with the
    sentence, it is one if none of its words is known. In languages whose nouns have capitals none is known for one.
    """
    if language in _NOUNS_HAVE_CAPITALS:
        return
    for run in _runs(text, [word for word in _WORD.finditer(text) if _has_capital(word[0])]):
        start, end = run[0].start(), run[-1].end()
        known = sum(knows(word[0]) for word in run)
        is_within = _WITHIN.search(text, max(0, start - _LOOKED_BACK), start) is not None
        if known < len(run) if is_within else known == 0 and len(run) > 1:
            yield Span(start, end)


def _has_capital(word: str) -> bool:
    return word[0].isupper() and len(word) >= _FEWEST_LETTERS


def _runs(text: str, words: Sequence[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Words with one space between them."""
    run: list[re.Match[str]] = []
    for word in words:
        if run and text[run[-1].end() : word.start()] != " ":
            yield run
            run = []
        run.append(word)
    if run:
        yield run
