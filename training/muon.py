"""Muon: a matrix moves by the orthogonal matrix nearest to its momentum, so that all its directions learn alike."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor, nn

from training.distributed import ALONE, World

QUINTIC = (3.4445, -4.7750, 2.0315)
"""Coefficients a, b, c of Jordan et al., steep at 0 and within 0.3 of 1 where they end."""
ITERATIONS = 5
ADAM_RMS = 0.2
"""Root mean square of an entry of Adam's updates at rate 1 (Liu et al., 2025), so that both share one rate."""


class Muon(torch.optim.Optimizer):
    """M' = mu M + (1 - mu) G;  W' = W - lr 0.2 sqrt(max(rows, columns)) O((1 - mu) G + mu M').

    G is the gradient of the matrix W, M its momentum, from 0 on, and O(X) = U V' for X = U S V' (`orthogonal`): Jordan
    et al. (2024, "Muon: an optimizer for hidden layers in neural networks"), scaled as in Liu et al. (2025, "Muon is
    scalable for LLM training"). A parameter may have several matrices `stacked`, so many above one another: each moves
    on its own. The processes of the `world` share the work, and all get the same. `dtype` is that of the products.
    Raises ValueError for parameters that are no matrices.
    """

    def __init__(
        self,
        matrices: Sequence[nn.Parameter],
        stacked: Mapping[nn.Parameter, int] = MappingProxyType({}),
        *,
        lr: float,
        momentum: float = 0.95,
        dtype: torch.dtype = torch.float32,
        world: World = ALONE,
    ) -> None:
        if any(matrix.ndim != 2 for matrix in matrices):
            raise ValueError(f"matrices are wanted, got shapes {[tuple(matrix.shape) for matrix in matrices]}")
        super().__init__(matrices, {"lr": lr})
        self.stacked, self.momentum, self.dtype, self.world = stacked, momentum, dtype, world

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One update of the matrices that have a gradient, the same ones in every process."""
        for group in self.param_groups:
            moved = [matrix for matrix in group["params"] if matrix.grad is not None]
            momenta = [part for matrix in moved for part in self._direction(matrix).chunk(self.stacked.get(matrix, 1))]
            weights = [part for matrix in moved for part in matrix.chunk(self.stacked.get(matrix, 1))]
            for weight, direction in zip(weights, self._orthogonal_in_shares(momenta), strict=True):
                weight.sub_(direction, alpha=group["lr"] * ADAM_RMS * max(weight.shape) ** 0.5)

    def _direction(self, matrix: nn.Parameter) -> Tensor:
        """The new momentum, seen one step ahead (Nesterov)."""
        assert matrix.grad is not None
        if not self.state[matrix]:
            self.state[matrix]["momentum"] = torch.zeros_like(matrix)
        momentum: Tensor = self.state[matrix]["momentum"].lerp_(matrix.grad, 1 - self.momentum)
        return matrix.grad.lerp(momentum, self.momentum)

    def _orthogonal_in_shares(self, matrices: Sequence[Tensor]) -> list[Tensor]:
        """O of each; every process makes some of them, dealt out from the largest to the smallest."""
        found = [torch.zeros_like(matrix) for matrix in matrices]
        largest_first = sorted(range(len(matrices)), key=lambda index: -matrices[index].numel())
        for index in largest_first[self.world.rank :: self.world.size]:
            found[index] = orthogonal(matrices[index].to(self.dtype)).to(found[index].dtype)
        return self.world.sum(found)


def orthogonal(matrix: Tensor) -> Tensor:
    """Nearly U V' for the matrix U S V': X / |X| through X' = a X + (b A + c A A) X with A = X X', five times.

    Singular values come to lie between 0.68 and 1.21, but for those below 0.0015 of the norm |X|, which lie lower.
    """
    a, b, c = QUINTIC
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / x.norm().clamp(min=torch.finfo(torch.float32).tiny)
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if matrix.shape[0] > matrix.shape[1] else x
