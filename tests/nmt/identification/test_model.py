"""The classifier as a network: padding changes nothing, noise is for training alone."""

import pytest
import torch

from nmt.batch import Batch
from nmt.identification.config import ClassifierConfig
from nmt.identification.model import Classifier

TEXTS = [[5, 6, 7, 8], [9], [10, 11]]


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_padding_changes_nothing(make, pooling: str) -> None:
    model, _ = make(pooling)
    with torch.inference_mode():
        together = model(Batch.of(TEXTS))
        apart = torch.cat([model(Batch.of([text])) for text in TEXTS])
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=1e-5)


def test_noise_is_for_training_alone() -> None:
    rates = {"embedding_dropout": 0.5, "word_dropout": 0.5, "pooled_dropout": 0.5, "weight_drop": 0.5}
    model = Classifier(ClassifierConfig(vocabulary_size=20, embedding_width=4, encoder_width=4, **rates), 3)
    batch = Batch.of(TEXTS)
    assert not torch.equal(model(batch), model(batch))
    model.eval()
    assert torch.equal(model(batch), model(batch))
