"""What training a classifier minimises."""

from torch import nn

from nmt.identification.model import Classifier
from training.classification.sampler import LabelledBatch
from training.objective import Loss
from training.softmax import smoothed_nll


class ClassificationObjective(nn.Module):
    """Negative log-likelihood of each text's label, with label smoothing; a text counts as one target token."""

    def __init__(self, model: Classifier, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.model, self.label_smoothing = model, label_smoothing

    def forward(self, batch: LabelledBatch) -> Loss:
        logits_BL = self.model(batch.texts).float()
        total, nll = smoothed_nll(logits_BL, batch.labels_B, self.label_smoothing)
        return Loss(total, nll, len(batch.texts))
