"""The loss is the plain one, over real tokens only, and its gradient is the numerical one."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from nmt.batch import Batch
from nmt.config import ModelConfig
from nmt.model import Seq2Seq
from nmt.vocabulary import BOS, EOS, PAD
from training.corpus import TrainingBatch
from training.objective import TranslationObjective, smoothed_nll


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_it_is_the_plain_loss_with_its_gradient(smoothing: float) -> None:
    torch.manual_seed(0)
    logits = (3 * torch.randn(5, 7, dtype=torch.double)).requires_grad_()
    targets = torch.tensor([0, 6, 3, 3, 1])
    total, nll = smoothed_nll(logits, targets, smoothing)
    expected = F.cross_entropy(logits, targets, reduction="sum", label_smoothing=smoothing)
    torch.testing.assert_close(total, expected)
    torch.testing.assert_close(nll, F.cross_entropy(logits, targets, reduction="sum"))
    for found, plain in zip(*(torch.autograd.grad(loss, logits) for loss in (total, expected)), strict=True):
        torch.testing.assert_close(found, plain)


def test_an_improbable_target_has_a_finite_loss() -> None:
    logits = torch.zeros(1, 5)
    logits[0, 0] = 1000
    total, nll = smoothed_nll(logits, torch.tensor([1]), 0.1)
    assert nll.item() == 1000 and total.isfinite()


def test_padding_and_batch_mates_change_nothing() -> None:
    torch.manual_seed(0)
    shape = ModelConfig(vocabulary_size=20, embedding_width=6, encoder_width=4, decoder_width=8, readout_width=6)
    objective = TranslationObjective(Seq2Seq(shape).double(), label_smoothing=0.1).eval()
    pairs = [([5, 6, EOS], [7, 8, 9, EOS]), ([10, EOS], [11, EOS])]

    def loss(*chosen: tuple[list[int], list[int]]) -> np.ndarray:
        longest = max(len(target) for _, target in chosen)
        rows = torch.tensor([target + [PAD] * (longest - len(target)) for _, target in chosen])
        fed = torch.cat([torch.full((len(chosen), 1), BOS), rows[:, :-1]], dim=1)
        batch = TrainingBatch(Batch.of([source for source, _ in chosen]), fed, rows, int((rows != PAD).sum()))
        found = objective(batch)
        return np.array([found.total.item(), found.nll.item(), found.tokens])

    np.testing.assert_allclose(loss(*pairs), loss(pairs[0]) + loss(pairs[1]))
