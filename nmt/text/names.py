"""Names that nobody has learnt: they are best said as they are."""

import re
from collections.abc import Callable, Iterator, Sequence

from nmt.text.segments import Span

_LETTERS = r"(?:[^\W\d_][\u0300-\u036f]*)+"
_WORD = re.compile(
    rf"(?<![\w\u0300-\u036f-])(?:[A-ZÀ-ÖØ-Þ]['’])?{_LETTERS}(?:-{_LETTERS})*(?![\w\u0300-\u036f-]|['’]\w)"
)
"""Letters with their accents, perhaps with hyphens; nothing that goes on behind an apostrophe."""
_WITHIN = re.compile(r"(?:[\w,;]\s|\w['’]|\b(?:[A-Z][a-z]{0,2}|Prof)\.\s)\Z")
"""What stands before a word within a sentence; titles of persons may end with a point."""
_LOOKED_BACK = 8
_FEWEST_LETTERS = 3
NOUNS_HAVE_CAPITALS = ("de",)


def unknown_names(text: str, language: str, knows: Callable[[str], bool]) -> Iterator[Span]:
    """The stretches of the sentence `text` that are names, no word of which one `knows`, in order.

    A name is a word that has a capital within the sentence, or several beside each other. Nothing is found in languages
    that write all nouns with capitals.
    """
    if language in NOUNS_HAVE_CAPITALS:
        return
    for run in _runs(text, [word for word in _WORD.finditer(text) if _has_capital(word[0])]):
        start, end = run[0].start(), run[-1].end()
        is_name = len(run) > 1 or _WITHIN.search(text, max(0, start - _LOOKED_BACK), start)
        if is_name and not any(knows(word[0]) for word in run):
            yield Span(start, end)


def _has_capital(word: str) -> bool:
    """At its beginning, and at that of its last part: a company may be "Zyrkon-based"."""
    return len(word) >= _FEWEST_LETTERS and word[0].isupper() and word[word.rfind("-") + 1].isupper()


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
