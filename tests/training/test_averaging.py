"""The moving average is its recurrence, and swapping it in and out changes nothing."""

import torch
from torch import nn

from training.averaging import MovingAverage


def test_it_is_the_recurrence() -> None:
    model = nn.Linear(2, 1, bias=False)
    average, expected = MovingAverage(model, 0.5), model.weight.detach().clone()
    for step in range(1, 6):
        with torch.no_grad():
            model.weight += step
        average.update(step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * model.weight.detach()
    torch.testing.assert_close(average.tensors["weight"], expected)


def test_it_stands_in_place_only_inside() -> None:
    model = nn.Linear(2, 1, bias=False)
    average = MovingAverage(model, 0.5)
    trained = model.weight.detach().clone() + 1
    with torch.no_grad():
        model.weight += 1
    with average.in_place():
        torch.testing.assert_close(model.weight.detach(), trained - 1)
    torch.testing.assert_close(model.weight.detach(), trained)
