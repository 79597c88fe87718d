"""Search for the best target sequences, against a scorer; models are not known here."""

from collections.abc import Sequence

from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.search.beam import BeamSearch
from nmt.search.hypothesis import Hypothesis
from nmt.search.scorer import Scorer, StateT
from nmt.search.terms import Term

__all__ = ["BeamSearch", "Hypothesis", "Term", "search"]


def search(
    scorer: Scorer[StateT],
    batch: Batch,
    options: SearchOptions,
    prefixes: Sequence[Sequence[int]] | None = None,
    terms: Sequence[Sequence[Term]] | None = None,
) -> list[list[Hypothesis]]:
    """The `options.n_best` best hypotheses of each sentence of `batch`, best first, as `BeamSearch` finds them."""
    running = BeamSearch(scorer, options)
    tickets = running.add(batch, prefixes, terms)
    while running.running:
        running.advance()
    found = running.finished()
    return [found[ticket] for ticket in tickets]
