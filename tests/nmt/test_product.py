"""A repeated product is the plain one, forward and backward."""

import weakref

import pytest
import torch

from nmt.product import Product, RepeatedProduct


def recurrence(make, weight, batched, h):
    one, many = make(weight), make(batched)
    for _ in range(4):
        gates = one(h)
        h = torch.tanh(gates[:, :4] + gates[:, 2:]) + many(h[:, None])[:, 0, :4]
    return h.sin().sum()


def arguments():
    torch.manual_seed(0)
    return [torch.randn(*shape, dtype=torch.double, requires_grad=True) for shape in ((6, 4), (3, 5, 4), (3, 4))]


def test_values_and_gradients_are_those_of_plain_products() -> None:
    results = []
    for make in (Product, RepeatedProduct):
        values = arguments()
        loss = recurrence(make, *values)
        results.append((loss, *torch.autograd.grad(loss, values)))
    for plain, repeated in zip(*results, strict=True):
        torch.testing.assert_close(plain, repeated)


def test_gradients_are_the_numerical_ones() -> None:
    assert torch.autograd.gradcheck(lambda *values: recurrence(RepeatedProduct, *values), arguments())


def test_an_unused_product_has_no_gradient() -> None:
    weight = torch.randn(3, 3, requires_grad=True)
    used = torch.randn(3, 3, requires_grad=True)
    RepeatedProduct(weight)
    RepeatedProduct(used)(torch.ones(2, 3)).sum().backward()
    assert weight.grad is None and used.grad is not None


def test_it_runs_under_bfloat16_autocast() -> None:
    weight = torch.randn(6, 4, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        product = RepeatedProduct(weight)
        loss = product(torch.randn(3, 4, requires_grad=True)).float().sum()
    loss.backward()
    assert weight.grad is not None and weight.grad.dtype == torch.float32


@pytest.mark.parametrize("backward", [True, False])
def test_steps_are_forgotten_with_their_result(backward: bool) -> None:
    product, h = RepeatedProduct(torch.randn(4, 4, requires_grad=True)), torch.ones(2, 4, requires_grad=True)
    for _ in range(3):
        h = torch.tanh(product(h))
    step, result = weakref.ref(h), product(h).sum()
    if backward:
        result.backward()
    del product, h, result
    assert step() is None
