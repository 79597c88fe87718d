"""The links that attention is guided by, for the batches of a run."""

# N examples, B examples of a batch, T target tokens

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from training.alignment import UNLINKED, Aligner, Side
from training.batch import Example
from training.corpus import ParallelCorpus
from training.pairs import Indices

LEARNT_FROM = 300_000
LEARNT_FROM_PAIRS = 60_000_000
"""From how many examples, evenly spread over all, links are learnt; or from fewer, that have about so many pairs of a
source and a target token."""


class Guidance:
    """Links of examples, found by an aligner that has learnt from the corpus; EOS is linked to EOS."""

    def __init__(self, corpus: ParallelCorpus, vocabulary: int) -> None:
        self._aligner = Aligner(vocabulary, *_sides(corpus.examples(_learnt_from(corpus))))

    def links(self, examples: Sequence[Example]) -> Tensor:
        """`links_BT` of the batch of these examples: places in the source as the model reads it."""
        sources, targets = _sides(examples)
        tagged_B = np.array([example.tag is not None for example in examples], np.int64)
        found = self._aligner.links(sources, targets)
        found[found != UNLINKED] += np.repeat(tagged_B, targets.lengths)[found != UNLINKED]
        places_T = np.arange(targets.lengths.max() + 1)
        links_BT = np.full((len(examples), len(places_T)), UNLINKED)
        links_BT[places_T < targets.lengths[:, None]] = found
        links_BT[np.arange(len(examples)), targets.lengths] = tagged_B + sources.lengths
        return torch.from_numpy(links_BT)


def _learnt_from(corpus: ParallelCorpus) -> Indices:
    chosen = _spread(len(corpus), min(len(corpus), LEARNT_FROM))
    source_N, target_N = corpus.lengths(chosen)
    share = LEARNT_FROM_PAIRS / int((source_N * target_N).sum())
    return chosen if share >= 1 else _spread(len(corpus), max(1, int(len(chosen) * share)))


def _spread(count: int, wanted: int) -> Indices:
    return np.arange(wanted) * count // wanted


def _sides(examples: Sequence[Example]) -> tuple[Side, Side]:
    return Side.of([example.source for example in examples]), Side.of([example.target for example in examples])
