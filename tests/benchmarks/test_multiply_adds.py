"""The count by shapes is what torch counts of the products that it is asked for."""

from typing import Any

import pytest
import torch
from multiply_adds import forward_multiply_adds, step_multiply_adds
from torch.utils.flop_counter import FlopCounterMode

from nmt.batch import Batch
from nmt.config import ModelConfig
from nmt.model import Seq2Seq
from training.batch import TrainingBatch
from training.objective import TranslationObjective

SHAPES: list[dict[str, Any]] = [
    {},
    {"attention": "additive", "attention_width": 9, "conditional": True},
    {"attention": "none", "readout": "simple", "bidirectional": False, "cell": "rnn_tanh"},
    {"attention": "dot", "decoder_width": 16, "cell": "gru_reset_before", "decoder_layers": 2},
    {"query_sees_last_word": True, "projected_memory_width": 7, "encoder_layers": 2, "readout_width": 11},
]


def counted(config: ModelConfig, batch: TrainingBatch, *, backward: bool) -> int:
    objective = TranslationObjective(Seq2Seq(config))
    with FlopCounterMode(display=False) as counter, torch.set_grad_enabled(backward):
        loss = objective(batch)
        if backward:
            loss.total.backward()
    return int(counter.get_total_flops()) // 2


def a_batch() -> TrainingBatch:
    target_out_BT = torch.tensor([[5, 6, 7, 8, 3], [5, 6, 3, 0, 0], [9, 3, 0, 0, 0]])
    source = Batch.of([[5, 6, 7, 3], [5, 6, 5, 6, 7, 3], [9, 3]])
    return TrainingBatch(source, target_out_BT.roll(1, dims=1), target_out_BT, int((target_out_BT != 0).sum()))


@pytest.mark.parametrize("options", SHAPES, ids=str)
def test_products_are_counted_by_shape(options: dict[str, Any]) -> None:
    shape = {"vocabulary_size": 40, "embedding_width": 10, "encoder_width": 8, "decoder_width": 12}
    config, batch = ModelConfig(**(shape | options)), a_batch()
    assert forward_multiply_adds(config, batch) == counted(config, batch, backward=False)
    # The first states of the encoder are zeros that need no gradient.
    assert step_multiply_adds(config, batch) == pytest.approx(counted(config, batch, backward=True), rel=0.02)
