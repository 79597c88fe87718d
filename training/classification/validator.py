"""How good a classifier is on held-out texts, and the temperature that makes its confidence honest."""

# N held-out texts, L labels

import itertools
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nmt.identification.model import Classifier
from training.classification.sampler import LabelledBatch
from training.distributed import ALONE, World

COLDEST, HOTTEST = 0.1, 10.0


@dataclass(frozen=True)
class ClassificationScore:
    """`accuracy` in percent of the texts; `nll` in nats per text, at `temperature`, which makes it lowest."""

    nll: float
    accuracy: float
    temperature: float
    samples: tuple[()] = ()

    @property
    def value(self) -> float:
        return self.accuracy

    def summary(self) -> str:
        return f"accuracy {self.accuracy:.2f} %  nll {self.nll:.3f}  temperature {self.temperature:.2f}"

    def figures(self) -> dict[str, float]:
        return {"nll": self.nll, "accuracy": self.accuracy}


class ClassificationValidator:
    """Scores a model on held-out batches."""

    measure = "accuracy"

    def __init__(self, model: Classifier, batches: Sequence[LabelledBatch], world: World = ALONE) -> None:
        self.model, self.batches, self.world = model, batches, world

    def fingerprint(self) -> int:
        parts = [part.cpu().flatten() for batch in self.batches for part in (batch.labels_B, batch.texts.tokens_BS)]
        return zlib.crc32(torch.cat(parts).numpy().tobytes())

    def score(self) -> ClassificationScore:
        """Leaves the model in training mode; draws no random numbers."""
        self.model.eval()
        with torch.inference_mode():
            logits_NL = torch.tensor(list(itertools.chain(*self.world.deal(self.batches, self._logits))))
        self.model.train()
        labels_N = torch.cat([batch.labels_B.cpu() for batch in self.batches])
        temperature = fit_temperature(logits_NL, labels_N)
        accuracy = (logits_NL.argmax(dim=1) == labels_N).double().mean().item()
        nll = F.cross_entropy(logits_NL / temperature, labels_N).item()
        return ClassificationScore(nll, 100 * accuracy, temperature)

    def _logits(self, batches: Sequence[LabelledBatch]) -> list[list[list[float]]]:
        return [self.model(batch.texts).tolist() for batch in batches]


def fit_temperature(logits_NL: Tensor, labels_N: Tensor) -> float:
    """T in [COLDEST, HOTTEST] for which softmax(logits / T) gives the labels the least loss (Guo et al., 2017).

    The loss is convex in 1 / T: bisection finds where its slope changes sign.
    """
    logits_NL = logits_NL.double()
    right_N = logits_NL.gather(1, labels_N[:, None])[:, 0]
    low, high = 1 / HOTTEST, 1 / COLDEST
    for _ in range(50):
        middle = math.sqrt(low * high)
        expected_N = (torch.softmax(logits_NL * middle, dim=1) * logits_NL).sum(dim=1)
        if (expected_N - right_N).mean() > 0:
            high = middle
        else:
            low = middle
    return 1 / low
