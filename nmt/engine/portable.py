"""A search on its way to another process: a plain description that can be pickled, and the weights beside it."""

from collections.abc import Iterator, Mapping, Sequence
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

Weights = NDArray[np.float32]


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
        """What makes, with `weights`, the same searcher in another process, on the CPU."""
        return PortableSearcher(tuple(map(PortableModel.of, self.members)))

    def weights(self) -> list[Weights]:
        """The weights of all models; no copies where they are on the CPU."""
        return [
            np.ascontiguousarray(tensor.numpy(force=True))
            for member in self.members
            for tensor in member.model.state_dict().values()
        ]


@dataclass(frozen=True)
class PortableModel:
    """The shape of a model, its weights' shapes in their order, and the tokens that it may not say."""

    config: ModelConfig
    shapes: Mapping[str, tuple[int, ...]]
    unsayable: tuple[int, ...]

    @classmethod
    def of(cls, scorer: ReferenceScorer) -> Self:
        shapes = {name: tuple(tensor.shape) for name, tensor in scorer.model.state_dict().items()}
        return cls(scorer.model.config, shapes, tuple(scorer.unsayable_U.tolist()))

    def unpacked(self, weights: Iterator[Weights]) -> ReferenceScorer:
        """The same scorer, of the next of these weights, which it takes over."""
        with torch.device("meta"):
            model = Seq2Seq(self.config)
        model.load_state_dict({name: torch.from_numpy(next(weights)) for name in self.shapes}, assign=True)
        return ReferenceScorer(model, self.unsayable)


@dataclass(frozen=True)
class PortableSearcher:
    """A `Searcher` on its way, without its weights."""

    models: tuple[PortableModel, ...]

    def empty_weights(self) -> list[Weights]:
        """Room for the weights, for the receiver to fill."""
        return [np.empty(shape, dtype=np.float32) for model in self.models for shape in model.shapes.values()]

    def unpacked(self, weights: Sequence[Weights]) -> Searcher:
        """It finds what the first one finds, to the last bit. It takes the weights over."""
        in_order = iter(weights)
        return Searcher([model.unpacked(in_order) for model in self.models])
