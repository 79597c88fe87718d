"""Loss, accuracy, and the temperature that makes confidence honest."""

import pytest
import torch
import torch.nn.functional as F

from nmt.batch import Batch
from nmt.identification.config import ClassifierConfig
from nmt.identification.model import Classifier
from training.classification.objective import ClassificationObjective
from training.classification.sampler import LabelledBatch
from training.classification.validator import COLDEST, HOTTEST, ClassificationValidator, fit_temperature


@pytest.fixture
def logits() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    logits_NL = torch.randn(500, 4, generator=generator) * 2
    labels_N = torch.multinomial(torch.softmax(logits_NL, dim=1), 1, generator=generator)[:, 0]
    return logits_NL, labels_N


def test_the_temperature_is_the_best_one(logits) -> None:
    logits_NL, labels_N = logits
    best = fit_temperature(logits_NL, labels_N)
    assert best == pytest.approx(1, abs=0.2)
    losses = [F.cross_entropy(logits_NL / t, labels_N).item() for t in (best * 0.95, best, best * 1.05)]
    assert min(losses) == losses[1]


def test_it_undoes_a_scale(logits) -> None:
    logits_NL, labels_N = logits
    assert fit_temperature(logits_NL * 3, labels_N) == pytest.approx(3 * fit_temperature(logits_NL, labels_N), rel=1e-3)


def test_it_stays_within_its_bounds(logits) -> None:
    logits_NL, _ = logits
    assert fit_temperature(logits_NL, logits_NL.argmax(dim=1)) == pytest.approx(COLDEST)
    assert fit_temperature(logits_NL, logits_NL.argmin(dim=1)) == pytest.approx(HOTTEST)


def test_the_score_is_over_all_batches() -> None:
    model = Classifier(ClassifierConfig(vocabulary_size=20, embedding_width=4, encoder_width=4), 3)
    batches = [
        LabelledBatch(Batch.of([[5, 6], [7]]), torch.tensor([0, 2])),
        LabelledBatch(Batch.of([[8]]), torch.tensor([1])),
    ]
    score = ClassificationValidator(model, batches).score()
    assert model.training
    model.eval()
    right = sum((model(batch.texts).argmax(dim=1) == batch.labels_B).sum().item() for batch in batches)
    assert score.accuracy == score.value == pytest.approx(100 * right / 3)
    assert score.figures() == {"nll": score.nll, "accuracy": score.accuracy} and "accuracy" in score.summary()


def test_the_loss_is_the_cross_entropy_of_labels() -> None:
    model = Classifier(ClassifierConfig(vocabulary_size=20, embedding_width=4, encoder_width=4), 3)
    batch = LabelledBatch(Batch.of([[5, 6], [7]]), torch.tensor([0, 2]))
    loss = ClassificationObjective(model, label_smoothing=0.1)(batch)
    logits = model(batch.texts)
    torch.testing.assert_close(
        loss.total, F.cross_entropy(logits, batch.labels_B, reduction="sum", label_smoothing=0.1)
    )
    torch.testing.assert_close(loss.nll, F.cross_entropy(logits, batch.labels_B, reduction="sum"))
    assert loss.tokens == 2
