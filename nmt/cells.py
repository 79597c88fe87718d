"""Recurrent cells: what depends on the input alone is computed by `project`, the rest by `advance`.

Parameters follow torch's layout (gates stacked along the first axis), so that the fused `torch.gru` and its kin run on
them too. GRU gates are ordered r, z, n; LSTM gates i, f, g, o.
"""

# N rows, G gate rows (a multiple of W), W width of the state, I width of the input

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nmt.config import CellKind
from nmt.product import Product

CellState = tuple[Tensor, ...]
"""h_NW, and c_NW for an LSTM; the first is what attention, readout and the next layer see."""


class Cell(nn.Module, ABC):
    """One step of a recurrence, h' = advance(project(x), h)."""

    gates: ClassVar[int]
    states: ClassVar[int] = 1

    def __init__(self, input_width: int, width: int) -> None:
        super().__init__()
        self.width = width
        rows = self.gates * width
        self.weight_ih = nn.Parameter(torch.empty(rows, input_width))
        self.weight_hh = nn.Parameter(torch.empty(rows, width))
        self.bias_ih = nn.Parameter(torch.zeros(rows))
        self.bias_hh = nn.Parameter(torch.zeros(rows))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Input gates by Glorot's bound for one gate, each recurrent gate orthogonal, biases zero."""
        bound = math.sqrt(6 / (self.weight_ih.shape[1] + self.width))
        nn.init.uniform_(self.weight_ih, -bound, bound)
        with torch.no_grad():
            for gate in self.weight_hh.chunk(self.gates):
                nn.init.orthogonal_(gate)
        nn.init.zeros_(self.bias_ih)
        nn.init.zeros_(self.bias_hh)

    def initial(self, rows: int) -> CellState:
        """All zeros."""
        return tuple(self.weight_hh.new_zeros(rows, self.width) for _ in range(self.states))

    def project(self, x: Tensor) -> Tensor:
        """[.., I] -> [.., G]: what the gates need no state for, W_ih x + b_ih, and b_hh where it just adds."""
        return F.linear(x, self.weight_ih, self.input_bias())

    def input_bias(self) -> Tensor:
        """The biases that `project` adds once; `products` leaves them out."""
        return self.bias_ih + self.bias_hh

    def products(self, make: Callable[[Tensor], Product] = Product, recurrent: Tensor | None = None) -> list[Product]:
        """The recurrent products that `advance` takes; `recurrent` stands in for `weight_hh` (with units dropped)."""
        return [make(self.weight_hh if recurrent is None else recurrent)]

    @abstractmethod
    def advance(self, projected_NG: Tensor, state: CellState, products: list[Product]) -> CellState:
        """One step."""


class _Vanilla(Cell):
    gates = 1
    activation: Callable[[Tensor], Tensor]

    def advance(self, projected_NG: Tensor, state: CellState, products: list[Product]) -> CellState:
        return (self.activation(projected_NG + products[0](state[0])),)


class TanhCell(_Vanilla):
    """h' = tanh(W x + U h + b) (Elman, 1990)."""

    activation = staticmethod(torch.tanh)


class ReluCell(_Vanilla):
    """h' = relu(W x + U h + b), U the identity at first (Le, Jaitly and Hinton, 2015)."""

    activation = staticmethod(torch.relu)

    def reset_parameters(self) -> None:
        super().reset_parameters()
        nn.init.eye_(self.weight_hh)


class GruCell(Cell):
    """Reset after the product, torch's form of Cho et al. (2014).

    r, z = sigmoid(W x + U h + b);  n = tanh(W x + b_in + r * (U h + b_hn));  h' = z * h + (1 - z) * n.
    """

    gates = 3

    def input_bias(self) -> Tensor:
        added = torch.cat([self.bias_hh[: 2 * self.width], self.bias_hh.new_zeros(self.width)])
        return self.bias_ih + added

    def advance(self, projected_NG: Tensor, state: CellState, products: list[Product]) -> CellState:
        (h,) = state
        parts = [2 * self.width, self.width]
        projected_gates, projected_n = projected_NG.split_with_sizes(parts, dim=1)
        hidden_gates, hidden_n = products[0](h).split_with_sizes(parts, dim=1)
        r, z = torch.sigmoid(projected_gates + hidden_gates).chunk(2, dim=1)
        n = torch.tanh(projected_n + r * (hidden_n + self.bias_hh[2 * self.width :]))
        return (_mix(n, h, z),)


class GruResetBeforeCell(Cell):
    """The original form of Cho et al. (2014), reset before the product.

    r, z = sigmoid(W x + U h + b);  n = tanh(W x + U (r * h) + b);  h' = z * h + (1 - z) * n.
    """

    gates = 3

    def products(self, make: Callable[[Tensor], Product] = Product, recurrent: Tensor | None = None) -> list[Product]:
        weight = self.weight_hh if recurrent is None else recurrent
        return [make(weight[: 2 * self.width]), make(weight[2 * self.width :])]

    def advance(self, projected_NG: Tensor, state: CellState, products: list[Product]) -> CellState:
        (h,) = state
        gates_product, candidate_product = products
        projected_gates, projected_n = projected_NG.split_with_sizes([2 * self.width, self.width], dim=1)
        r, z = torch.sigmoid(projected_gates + gates_product(h)).chunk(2, dim=1)
        n = torch.tanh(projected_n + candidate_product(r * h))
        return (_mix(n, h, z),)


class LstmCell(Cell):
    """i, f, o = sigmoid(W x + U h + b);  g = tanh(W x + U h + b);  c' = f * c + i * g;  h' = o * tanh(c').

    Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000), whose bias starts at 1.
    """

    gates = 4
    states = 2

    def reset_parameters(self) -> None:
        super().reset_parameters()
        with torch.no_grad():
            self.bias_ih[self.width : 2 * self.width] = 1

    def advance(self, projected_NG: Tensor, state: CellState, products: list[Product]) -> CellState:
        h, c = state
        i, f, g, o = (projected_NG + products[0](h)).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


def _mix(n: Tensor, h: Tensor, z: Tensor) -> Tensor:
    """z * h + (1 - z) * n, in the type of n: under autocast the others may have a smaller one."""
    return torch.lerp(n, h.to(n.dtype), z.to(n.dtype))


CELLS: dict[CellKind, type[Cell]] = {
    "rnn_tanh": TanhCell,
    "rnn_relu": ReluCell,
    "gru": GruCell,
    "gru_reset_before": GruResetBeforeCell,
    "lstm": LstmCell,
}
