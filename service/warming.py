"""A short text for a model to translate before the first request does."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from nmt.config import SearchOptions
from nmt.search import Hypothesis, search
from service.translating import Passage, Translating

WARM_UP_TEXT = "Good morning."
Search: TypeAlias = Callable[[Translating, Sequence[Passage], SearchOptions], list[list[Hypothesis]]]


def search_here(translator: Translating, passages: Sequence[Passage], options: SearchOptions) -> list[list[Hypothesis]]:
    """What the translator finds, on this thread."""
    return search(translator.scorer, translator.batch(passages), options)


def warm_up(translator: Translating, search: Search = search_here) -> None:
    """Translate a short text in each direction, so that the first request is not slower than the others."""
    options = SearchOptions()
    for direction in translator.directions:
        draft = translator.draft(WARM_UP_TEXT, direction, options)
        if draft.passages:
            draft.finish(search(translator, draft.passages, options))
