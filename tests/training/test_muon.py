"""Laws of the optimizer of matrices: a step is orthogonal, and of the size that it promises."""

import pytest
import torch
from torch import nn

from nmt.cells import GruCell
from training.config import OptimizationConfig
from training.muon import ADAM_RMS, Muon, orthogonal
from training.optimizer import build_optimizers


def matrix(rows: int, columns: int) -> nn.Parameter:
    parameter = nn.Parameter(torch.randn(rows, columns, generator=torch.Generator().manual_seed(rows)))
    parameter.grad = torch.randn(rows, columns, generator=torch.Generator().manual_seed(columns))
    return parameter


@pytest.mark.parametrize(("rows", "columns"), [(6, 6), (12, 5), (5, 12), (1, 7)])
def test_singular_values_come_near_one_in_the_same_directions(rows: int, columns: int) -> None:
    left, _, right = torch.linalg.svd(matrix(rows, columns).detach(), full_matrices=False)
    given = left @ torch.diag(torch.linspace(1, 0.02, min(rows, columns))) @ right
    found = left.T @ orthogonal(given) @ right.T
    values = found.diagonal()
    assert (values > 0.65).all() and (values < 1.25).all()
    torch.testing.assert_close(found, torch.diag(values), atol=1e-4, rtol=0)


def test_the_scale_of_a_matrix_plays_no_part() -> None:
    given = matrix(6, 4).detach()
    torch.testing.assert_close(orthogonal(given * 1e-6), orthogonal(given))
    assert not orthogonal(torch.zeros(3, 2)).any()


def test_a_step_has_the_size_of_one_of_adam() -> None:
    weight = matrix(40, 30)
    before = weight.detach().clone()
    Muon([weight], lr=0.01).step()
    rms = (weight.detach() - before).square().mean().sqrt().item()
    assert rms == pytest.approx(0.01 * ADAM_RMS, rel=0.3)


def test_the_first_step_goes_against_the_gradient_and_later_ones_along_their_momentum() -> None:
    weight = matrix(5, 5)
    assert weight.grad is not None
    first = weight.grad.clone()
    before = weight.detach().clone()
    optimizer = Muon([weight], lr=0.1, momentum=0.5)
    optimizer.step()
    torch.testing.assert_close(before - weight.detach(), 0.1 * ADAM_RMS * 5**0.5 * orthogonal(first))
    weight.grad = second = torch.randn(5, 5, generator=torch.Generator().manual_seed(9))
    before = weight.detach().clone()
    optimizer.step()
    momentum = 0.5 * (0.5 * first) + 0.5 * second
    moved = 0.1 * ADAM_RMS * 5**0.5 * orthogonal(0.5 * second + 0.5 * momentum)
    torch.testing.assert_close(before - weight.detach(), moved)


def test_a_matrix_without_a_gradient_stays_as_it_is() -> None:
    still, moved = matrix(4, 3), matrix(3, 3)
    still.grad = None
    before = still.detach().clone()
    Muon([still, moved], lr=0.1).step()
    assert torch.equal(still, before)


def test_stacked_matrices_move_as_each_would_alone() -> None:
    stack, parts = matrix(6, 5), [matrix(6, 5), matrix(6, 5)]
    assert stack.grad is not None
    for part, weight, gradient in zip(parts, stack.detach().chunk(2), stack.grad.chunk(2), strict=True):
        part.data, part.grad = weight.clone(), gradient.clone()
    for optimizer in (Muon([stack], {stack: 2}, lr=0.1), Muon(parts, lr=0.1)):
        optimizer.step()
        optimizer.step()
    torch.testing.assert_close(stack, torch.cat(parts))


def test_each_gate_of_a_cell_is_one_of_the_stacked() -> None:
    cell = GruCell(4, 5)
    for weight in cell.parameters():
        weight.grad = torch.randn(weight.shape, generator=torch.Generator().manual_seed(weight.numel()))
    assert cell.weight_ih.grad is not None
    cell.weight_ih.grad[5:10] *= 1e-3
    before = cell.weight_ih.detach().clone()
    muon, _ = build_optimizers(cell, OptimizationConfig(optimizer="muon", learning_rate=0.01))
    muon.step()
    for moved in (cell.weight_ih.detach() - before).chunk(3):
        assert moved.square().mean().sqrt().item() == pytest.approx(0.01 * ADAM_RMS, rel=0.3)


def test_vectors_are_refused() -> None:
    with pytest.raises(ValueError, match=r"matrices are wanted, got shapes \[\(3,\)\]"):
        Muon([nn.Parameter(torch.zeros(3))], lr=0.1)
