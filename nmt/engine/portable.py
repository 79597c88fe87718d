"""A scorer on its way to another process: plain data that can be pickled, without tensors and without code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from nmt.batch import Batch
from nmt.config import ModelConfig
from nmt.engine.ensemble import EnsembleScorer
from nmt.engine.reference import ReferenceScorer
from nmt.model import Seq2Seq
from nmt.search.scorer import Scorer


@dataclass(frozen=True)
class PortableModel:
    """A model and the tokens that it may not say. The weights are those of the model, not copies."""

    config: ModelConfig
    weights: Mapping[str, NDArray[np.float32]]
    unsayable: tuple[int, ...]

    @classmethod
    def of(cls, scorer: ReferenceScorer) -> Self:
        state = scorer.model.state_dict()
        weights = {name: tensor.numpy(force=True) for name, tensor in state.items()}
        return cls(scorer.model.config, weights, tuple(scorer.unsayable_U.tolist()))

    def unpacked(self) -> ReferenceScorer:
        """The same scorer, on the CPU. It takes the weights over: this object must have been unpickled."""
        with torch.device("meta"):
            model = Seq2Seq(self.config)
        model.load_state_dict({name: torch.from_numpy(weight) for name, weight in self.weights.items()}, assign=True)
        return ReferenceScorer(model, self.unsayable)


class Searcher:
    """The half of a translator that searches, ids in and hypotheses out: one model, or an ensemble of several."""

    def __init__(self, members: Sequence[ReferenceScorer]) -> None:
        self.members = tuple(members)
        self.scorer: Scorer[Any] = EnsembleScorer(members) if len(members) > 1 else members[0]

    def batch(self, passages: Sequence[Any]) -> Batch:
        """What `scorer` starts from; a passage has `ids`."""
        device = self.members[0].model.output_bias.device
        return Batch.of([passage.ids for passage in passages], device)

    def portable(self) -> "PortableSearcher":
        """What makes the same searcher in another process, on the CPU; it can be pickled."""
        return PortableSearcher(tuple(map(PortableModel.of, self.members)))


@dataclass(frozen=True)
class PortableSearcher:
    """A `Searcher` on its way."""

    models: tuple[PortableModel, ...]

    def unpacked(self) -> Searcher:
        """It finds what the first one finds, to the last bit."""
        return Searcher([model.unpacked() for model in self.models])
