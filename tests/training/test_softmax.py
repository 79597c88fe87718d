"""The loss is the plain one, with its gradient; over a sample of types it estimates that over all."""

import pytest
import torch
import torch.nn.functional as F

from training.softmax import sample_types, smoothed_nll


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


def test_a_type_that_stands_for_three_counts_as_three_like_it() -> None:
    torch.manual_seed(0)
    logits = torch.randn(4, 3, dtype=torch.double).requires_grad_()
    targets, counts = torch.tensor([0, 1, 1, 0]), torch.tensor([1.0, 1.0, 3.0], dtype=torch.double)
    alike = logits[:, [0, 1, 2, 2, 2]]
    found, expected = smoothed_nll(logits, targets, 0.1, counts), smoothed_nll(alike, targets, 0.1)
    torch.testing.assert_close(found, expected)
    gradients = [torch.autograd.grad(total, logits)[0] for total, _ in (found, expected)]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("others", [1, 4, 7])
def test_a_sample_holds_the_targets_and_stands_for_the_vocabulary(others: int) -> None:
    targets = torch.tensor([9, 4, 9, 0])
    sample = sample_types(targets, 10, others)
    torch.testing.assert_close(sample.types_C[sample.targets_P], targets)
    assert (sample.counts_C[sample.targets_P] == 1).all() and sample.counts_C.sum().item() == pytest.approx(10)
    assert len(set(sample.types_C.tolist())) == len(sample.types_C) == 3 + others


@pytest.mark.parametrize("others", [7, 1000])
def test_a_sample_of_all_types_gives_the_whole_loss(others: int) -> None:
    torch.manual_seed(0)
    logits, targets = torch.randn(4, 10), torch.tensor([9, 4, 9, 0])
    types, counts, places = sample_types(targets, 10, others)
    torch.testing.assert_close(smoothed_nll(logits[:, types], places, 0.1, counts), smoothed_nll(logits, targets, 0.1))


def test_targets_of_every_type_leave_nothing_to_draw() -> None:
    sample = sample_types(torch.arange(5), 5, 3)
    assert sample.types_C.tolist() == [0, 1, 2, 3, 4] and sample.counts_C.tolist() == [1] * 5


def test_the_mean_of_the_estimates_is_the_normaliser() -> None:
    torch.manual_seed(0)
    logits, targets = torch.randn(12), torch.tensor([3, 8])
    estimates = [
        (sample.counts_C * logits[sample.types_C].exp()).sum()
        for sample in (sample_types(targets, 12, 4) for _ in range(4000))
    ]
    assert torch.stack(estimates).mean().item() == pytest.approx(logits.exp().sum().item(), rel=0.01)
