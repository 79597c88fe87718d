"""The pairs that a run is validated on, known again where it would learn from them."""

from collections.abc import Iterator, Sequence
from functools import cache, partial

from training.config import DataConfig
from training.encoding import Pair, bare
from training.vocabulary import language_pairs


def held_out_pairs(data: DataConfig, languages: Sequence[str]) -> frozenset[Pair]:
    """The pairs of `data.validation` in two languages, `bare`; none where it has no text of one of them."""
    if not data.held_out.has(languages):
        return frozenset()
    return frozenset(bare((first, second)) for first, second in data.held_out.lines(languages))


def leaks(data: DataConfig) -> Iterator[str]:
    """For each corpus with pairs that are held out, too, a sentence that says how many."""
    known = cache(partial(held_out_pairs, data))
    for corpus in data.corpora:
        for languages in language_pairs(data, corpus):
            held_out = known(languages)
            lines = corpus.lines(languages) if held_out else ()
            shared = sum(bare((first, second)) in held_out for first, second in lines)
            if shared:
                yield (
                    f"{corpus.key}: {shared:,} of its pairs in {' and '.join(languages)} are in data.validation, too, "
                    "whose score then says less of new text; `nmt prepare` leaves such pairs out"
                )
