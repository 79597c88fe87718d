"""Laws of the gradient norms of parts: together they are the norm of the whole, and clipping does not change them."""

import pytest
import torch
from torch import nn

from nmt.config import ModelConfig
from nmt.identification.config import ClassifierConfig
from nmt.identification.model import Classifier
from nmt.model import Seq2Seq
from training.gradients import gradient_norms, part_of


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(1)
    model = Seq2Seq(ModelConfig(vocabulary_size=20, embedding_width=4, encoder_width=4, decoder_width=8))
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)
    return model


def test_squares_add_up_to_the_square_of_the_whole(model: nn.Module) -> None:
    norm = nn.utils.clip_grad_norm_(model.parameters(), torch.inf).item()
    found = gradient_norms(model, norm)
    assert sum(part**2 for part in found.values()) == pytest.approx(norm**2)
    assert found["decoder.attention"] == pytest.approx(model.decoder.attention.weight.grad.norm().item())


def test_clipping_changes_nothing(model: nn.Module) -> None:
    norm = nn.utils.clip_grad_norm_(model.parameters(), torch.inf).item()
    before = gradient_norms(model, norm)
    assert nn.utils.clip_grad_norm_(model.parameters(), 0.01).item() == pytest.approx(norm)
    assert gradient_norms(model, norm) == pytest.approx(before)


def test_parts_without_a_gradient_are_left_out(model: nn.Module) -> None:
    model.decoder.attention.weight.grad = None
    assert "decoder.attention" not in gradient_norms(model, 1.0)
    model.zero_grad()
    assert gradient_norms(model, 0.0) == {}


def test_gradients_of_zero_have_norms_of_zero(model: nn.Module) -> None:
    model.zero_grad(set_to_none=False)
    assert set(gradient_norms(model, 0.0).values()) == {0.0}


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        (
            Seq2Seq(ModelConfig(vocabulary_size=20, encoder_layers=2)),
            {"embeddings", "encoder.layers.0", "encoder.layers.1", "decoder.bridges.0", "decoder.cells.0",
             "decoder.attention", "decoder.deep_readout", "output_bias"},
        ),
        (Classifier(ClassifierConfig(vocabulary_size=300), 3), {"embedding", "encoder.layers.0", "output"}),
    ],
    ids=["translation", "classification"],
)  # fmt: skip
def test_parts_are_modules_and_layers(model: nn.Module, parts: set[str]) -> None:
    assert {part_of(name) for name, _ in model.named_parameters()} == parts
