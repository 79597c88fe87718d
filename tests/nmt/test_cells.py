"""Each cell against its plain equations, and torch's fused sequences against the step-by-step loop."""

import pytest
import torch

from nmt.cells import CELLS, Cell
from nmt.encoder import FUSED, run_fused, unroll

SIGMOID, TANH = torch.sigmoid, torch.tanh


def plain(kind: str, cell: Cell, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """One step as the papers write it, gate by gate."""
    w, u = cell.weight_ih.split(cell.width), cell.weight_hh.split(cell.width)
    bw, bu = cell.bias_ih.split(cell.width), cell.bias_hh.split(cell.width)

    def gate(index: int) -> torch.Tensor:
        return x @ w[index].T + bw[index] + h @ u[index].T + bu[index]

    if kind == "rnn_tanh":
        return (TANH(gate(0)),)
    if kind == "rnn_relu":
        return (torch.relu(gate(0)),)
    if kind == "lstm":
        i, f, g, o = SIGMOID(gate(0)), SIGMOID(gate(1)), TANH(gate(2)), SIGMOID(gate(3))
        c = f * c + i * g
        return o * TANH(c), c
    r, z = SIGMOID(gate(0)), SIGMOID(gate(1))
    if kind == "gru":
        n = TANH(x @ w[2].T + bw[2] + r * (h @ u[2].T + bu[2]))
    else:
        n = TANH(x @ w[2].T + bw[2] + (r * h) @ u[2].T + bu[2])
    return (z * h + (1 - z) * n,)


def cell_of(kind: str) -> Cell:
    torch.manual_seed(1)
    cell = CELLS[kind](3, 4).double()
    for parameter in cell.parameters():
        torch.nn.init.normal_(parameter)
    return cell


@pytest.mark.parametrize("kind", CELLS)
def test_a_step_is_the_plain_equations(kind: str) -> None:
    cell = cell_of(kind)
    x, h, c = torch.randn(2, 3).double(), torch.randn(2, 4).double(), torch.randn(2, 4).double()
    state = (h, c)[: cell.states]
    found = cell.advance(cell.project(x), state, cell.products())
    for part, expected in zip(found, plain(kind, cell, x, h, c), strict=True):
        torch.testing.assert_close(part, expected)


@pytest.mark.parametrize("kind", FUSED)
def test_the_fused_sequence_is_the_loop(kind: str) -> None:
    cell, x = cell_of(kind), torch.randn(2, 6, 3).double()
    torch.testing.assert_close(run_fused(cell, x, cell.weight_hh, FUSED[kind]), unroll(cell, x, cell.weight_hh))


@pytest.mark.parametrize("kind", CELLS)
def test_gradients_through_a_sequence_are_the_numerical_ones(kind: str) -> None:
    cell, x = cell_of(kind), torch.randn(2, 4, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, u: unroll(cell, x, u), (x, cell.weight_hh), fast_mode=True)


def test_the_relu_cell_starts_as_the_identity() -> None:
    torch.testing.assert_close(CELLS["rnn_relu"](3, 4).weight_hh.detach(), torch.eye(4))


def test_the_lstm_starts_out_remembering() -> None:
    assert (CELLS["lstm"](3, 4).bias_ih[4:8] == 1).all()
