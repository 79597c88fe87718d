"""Source embeddings -> a memory with one vector for each token, and the state that starts the decoder."""

# B sentences, S source tokens, I input width, W encoder width per direction, M memory width, G gate rows

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from nmt.cells import CELLS, Cell
from nmt.config import CellKind, ModelConfig
from nmt.dropout import drop_units
from nmt.product import Product, RepeatedProduct


class Encoded(NamedTuple):
    """`memory_BSM` is what attention reads, `mask_BS` is True at real tokens, `final_BF` is [last forward; first
    backward] of the top layer (F = W, or 2 W where bidirectional)."""

    memory_BSM: Tensor
    mask_BS: Tensor
    final_BF: Tensor


class Encoder(nn.Module):
    """h_j = [forward_j; backward_j] in each of the stacked layers (Bahdanau et al., 2015), the top one projected."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.dropout = config.encoder_dropout
        directions = 2 if config.bidirectional else 1
        width = config.encoder_width * directions
        self.layers = nn.ModuleList(
            nn.ModuleList(
                Direction(config.cell, config.embedding_width if layer == 0 else width, config, backward)
                for backward in (False, True)[:directions]
            )
            for layer in range(config.encoder_layers)
        )
        projected = config.projected_memory_width
        self.projection = nn.Linear(width, projected) if projected is not None else None

    def forward(self, embedded_BSE: Tensor, mask_BS: Tensor) -> Encoded:
        lengths_B = mask_BS.sum(dim=1)
        x, final_BF = embedded_BSE, embedded_BSE
        for layer in self.layers:
            assert isinstance(layer, nn.ModuleList)
            outputs, finals = zip(*(direction(x, lengths_B) for direction in layer), strict=True)
            x = drop_units(torch.cat(outputs, dim=-1), self.dropout, self.training)
            final_BF = torch.cat(finals, dim=-1)
        return Encoded(x if self.projection is None else self.projection(x), mask_BS, final_BF)


class Direction(nn.Module):
    """One cell run over the source from left to right, or from right to left."""

    def __init__(self, kind: CellKind, input_width: int, config: ModelConfig, backward: bool) -> None:
        super().__init__()
        self.kind, self.backward, self.weight_drop = kind, backward, config.weight_drop
        self.cell = CELLS[kind](input_width, config.encoder_width)

    def forward(self, x_BSI: Tensor, lengths_B: Tensor) -> tuple[Tensor, Tensor]:
        """Outputs [B, S, W] in source order (padding holds anything finite) and the last one of each run [B, W]."""
        order_BS = _reversed_order(lengths_B, x_BSI.shape[1]) if self.backward else None
        x_BSI = x_BSI if order_BS is None else _reorder(x_BSI, order_BS)
        recurrent = drop_units(self.cell.weight_hh, self.weight_drop, self.training)
        fused = FUSED.get(self.kind)
        output_BSW = run_fused(self.cell, x_BSI, recurrent, fused) if fused else unroll(self.cell, x_BSI, recurrent)
        final_BW = output_BSW[torch.arange(len(lengths_B), device=lengths_B.device), lengths_B - 1]
        return output_BSW if order_BS is None else _reorder(output_BSW, order_BS), final_BW


def unroll(cell: Cell, x_BSI: Tensor, recurrent: Tensor) -> Tensor:
    """The cell's outputs [B, S, W] over the whole source, from the zero state; the input products are made at once."""
    state = cell.initial(x_BSI.shape[0])
    products = cell.products(RepeatedProduct if torch.is_grad_enabled() else Product, recurrent)
    outputs = []
    for projected_BG in cell.project(x_BSI).unbind(dim=1):
        state = cell.advance(projected_BG, state, products)
        outputs.append(state[0])
    return torch.stack(outputs, dim=1)


FUSED: dict[CellKind, Callable[..., tuple[Tensor, ...]]] = {
    "rnn_tanh": torch.rnn_tanh,
    "rnn_relu": torch.rnn_relu,
    "gru": torch.gru,
    "lstm": torch.lstm,
}
"""Cells that torch runs over a whole sequence in one call."""


def run_fused(cell: Cell, x_BSI: Tensor, recurrent: Tensor, run: Callable[..., tuple[Tensor, ...]]) -> Tensor:
    """What `unroll` gives, by one of `FUSED`."""
    initial = [zeros[None] for zeros in cell.initial(x_BSI.shape[0])]
    weights = [cell.weight_ih, recurrent, cell.bias_ih, cell.bias_hh]
    biases, layers, dropout, train, bidirectional, batch_first = True, 1, 0.0, False, False, True
    return run(
        x_BSI, initial if cell.states > 1 else initial[0], weights,
        biases, layers, dropout, train, bidirectional, batch_first,
    )[0]  # fmt: skip


def _reversed_order(lengths_B: Tensor, steps: int) -> Tensor:
    """Positions [B, S] that reverse each sentence within its length and leave its padding in place."""
    forward_S = torch.arange(steps, device=lengths_B.device)
    return torch.where(forward_S < lengths_B[:, None], lengths_B[:, None] - 1 - forward_S, forward_S)


def _reorder(x_BSI: Tensor, order_BS: Tensor) -> Tensor:
    return x_BSI.gather(1, order_BS[:, :, None].expand_as(x_BSI))
