"""The links that attention is guided by, for the batches of a run."""

# N examples, B examples of a batch, T target tokens

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.alignment import UNLINKED, Aligner
from training.corpus import ParallelCorpus


class Guidance:
    """Links of all examples of a corpus, found by an aligner that learns from them; EOS is linked to EOS."""

    def __init__(self, corpus: ParallelCorpus, vocabulary: int) -> None:
        sources, targets = corpus.sides()
        self._links = Aligner(vocabulary, sources, targets).links()
        self._begins_N = np.cumsum(targets.lengths) - targets.lengths
        self._target_lengths_N = targets.lengths
        self._ends_N = corpus.lengths(np.arange(len(corpus)))[0] - 1
        self._tagged_N = self._ends_N - sources.lengths

    def links(self, indices: NDArray[np.int64]) -> Tensor:
        """`links_BT` of the batch of these examples: places in the source as the model reads it."""
        lengths_B = self._target_lengths_N[indices]
        places_T = np.arange(lengths_B.max() + 1)
        links_BT = self._links.take(self._begins_N[indices, None] + places_T, mode="clip").astype(np.int64)
        links_BT = np.where(links_BT == UNLINKED, UNLINKED, links_BT + self._tagged_N[indices, None])
        links_BT[places_T >= lengths_B[:, None]] = UNLINKED
        links_BT[np.arange(len(indices)), lengths_B] = self._ends_N[indices]
        return torch.from_numpy(links_BT)
