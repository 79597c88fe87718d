"""The rules that turn gradients into updates, and their state as named tensors."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from nmt.cells import Cell
from training.config import OptimizationConfig
from training.distributed import ALONE, World
from training.muon import Muon

ADAM_MOMENTS = ("step", "exp_avg", "exp_avg_sq")
MOMENTS = {torch.optim.Adam: ADAM_MOMENTS, torch.optim.AdamW: ADAM_MOMENTS, Muon: ("momentum",)}


def build_optimizers(
    model: nn.Module, config: OptimizationConfig, dtype: torch.dtype = torch.float32, world: World = ALONE
) -> list[torch.optim.Optimizer]:
    """One or two, each for parameters of its own, in the model's order; the rate is set at each step by the loop.

    Adam and AdamW (Kingma and Ba, 2015; Loshchilov and Hutter, 2019) are for all parameters, `Muon` is for matrices
    other than embeddings and output layers, which have Adam beside it, and each gate of a cell has a matrix of its own;
    `dtype` is that of its products.
    """
    if config.optimizer != "muon":
        return [_adam(list(model.parameters()), config)]
    named = list(model.named_parameters())
    matrices = [parameter for name, parameter in named if _is_hidden_matrix(name, parameter)]
    others = [parameter for name, parameter in named if not _is_hidden_matrix(name, parameter)]
    cells = [module for module in model.modules() if isinstance(module, Cell)]
    gates = {weight: cell.gates for cell in cells for weight in (cell.weight_ih, cell.weight_hh)}
    return [Muon(matrices, gates, lr=config.learning_rate, dtype=dtype, world=world), _adam(others, config)]


def _is_hidden_matrix(name: str, parameter: nn.Parameter) -> bool:
    return parameter.ndim == 2 and not name.startswith(("embedding", "output"))


def _adam(parameters: list[nn.Parameter], config: OptimizationConfig) -> torch.optim.Optimizer:
    kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    return kind(
        parameters,
        lr=config.learning_rate,
        betas=(config.betas[0], config.betas[1]),
        weight_decay=config.weight_decay,
        fused=True,
    )


def optimizer_tensors(model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> dict[str, Tensor]:
    """`parameter.moment` -> tensor, for parameters that have been updated."""
    return {
        f"{name}.{moment}": tensor
        for name, parameter in model.named_parameters()
        for optimizer in optimizers
        for moment, tensor in optimizer.state.get(parameter, {}).items()
    }


def restore_optimizers(
    model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], tensors: Mapping[str, Tensor]
) -> None:
    """Go on from `tensors`; a parameter that had another kind of optimizer starts without moments."""
    names = {parameter: name for name, parameter in model.named_parameters()}
    for optimizer in optimizers:
        for parameter in (parameter for group in optimizer.param_groups for parameter in group["params"]):
            moments = {moment: f"{names[parameter]}.{moment}" for moment in MOMENTS[type(optimizer)]}
            if all(name in tensors for name in moments.values()):
                optimizer.state[parameter] = {
                    moment: tensors[name].to(parameter.device) for moment, name in moments.items()
                }
