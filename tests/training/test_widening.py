"""Laws of widening: a wider model computes what the narrower one did, and all of it can learn."""

from typing import Any

import pytest
import torch

from nmt.batch import Batch
from nmt.config import ModelConfig
from nmt.model import Seq2Seq
from training.widening import widen

NARROW: dict[str, Any] = {"vocabulary_size": 11, "embedding_width": 4, "encoder_width": 3, "decoder_width": 5}
WIDE: dict[str, Any] = NARROW | {"encoder_width": 6, "decoder_width": 7}
SHAPES: list[dict[str, Any]] = [
    {"query_sees_last_word": True, "tied_embeddings": "all"},
    {"cell": "lstm", "encoder_layers": 2, "decoder_layers": 2},
    {"cell": "gru_reset_before", "conditional": True},
    {"cell": "rnn_relu", "attention": "additive", "bidirectional": False},
    {"cell": "rnn_tanh", "attention": "none", "tied_embeddings": "output"},
    {"readout": "simple"},
]


def computed(model: Seq2Seq) -> torch.Tensor:
    source = Batch.of([[5, 6, 7, 8], [9, 5]])
    readout, _ = model.unroll(source, torch.tensor([[2, 7, 8], [2, 9, 4]]))
    return model.logits(readout)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_wider_model_computes_the_same(shape: dict[str, Any]) -> None:
    narrow = Seq2Seq(ModelConfig(**NARROW, **shape)).double().eval()
    wide = Seq2Seq(ModelConfig(**WIDE, **shape)).double().eval()
    widen(wide, narrow.state_dict(), narrow.config)
    torch.testing.assert_close(computed(wide), computed(narrow))


def test_widths_within_the_attention_and_the_readout_may_grow() -> None:
    shape: dict[str, Any] = {"attention": "additive", "cell": "gru"}
    within: dict[str, Any] = {"projected_memory_width": 3, "attention_width": 4, "readout_width": 3}
    narrow = Seq2Seq(ModelConfig(**NARROW, **shape, **within)).double().eval()
    wide = Seq2Seq(ModelConfig(**NARROW, **shape, **{key: width + 2 for key, width in within.items()})).double().eval()
    widen(wide, narrow.state_dict(), narrow.config)
    torch.testing.assert_close(computed(wide), computed(narrow))


def test_every_new_unit_learns_within_three_steps() -> None:
    narrow, wide = (Seq2Seq(ModelConfig(**widths, query_sees_last_word=True)).double() for widths in (NARROW, WIDE))
    widen(wide, narrow.state_dict(), narrow.config)
    optimizer = torch.optim.SGD(wide.parameters(), lr=0.1)
    before = {name: parameter.detach().clone() for name, parameter in wide.named_parameters()}
    for _ in range(3):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(computed(wide).flatten(0, 1), torch.tensor([7, 8, 3, 9, 4, 3])).backward()
        optimizer.step()
    for name, parameter in wide.named_parameters():
        if not name.startswith(("embeddings", "output")):
            assert (parameter != before[name]).all(), name
