"""A checkpoint: one file with everything that training needs to go on as if it had never stopped.

Tensors and a JSON text in one safetensors file, so that it is written in one atomic step and nothing is unpickled.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from nmt.errors import CheckpointError
from nmt.files import replace_file
from training.distributed import World
from training.precision import Precision

VERSION = 1


@dataclass(frozen=True)
class Checkpoint:
    """`tensors` by dotted name (`model.`, `optimizer.`, `average.`, `random.`); `state` is plain JSON."""

    tensors: dict[str, Tensor]
    state: dict[str, Any]

    def part(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose name starts with `prefix` and a dot, without it."""
        start = prefix + "."
        return {name.removeprefix(start): tensor for name, tensor in self.tensors.items() if name.startswith(start)}


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Replace `path` in one step; where that fails, what was there stays whole and CheckpointError is raised."""
    metadata = {"version": str(VERSION), "state": json.dumps(checkpoint.state)}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in checkpoint.tensors.items()}
    try:
        replace_file(path, save(tensors, metadata))
    except OSError as error:
        kept = f"; the one before it is whole: {path}" if path.exists() else ""
        raise CheckpointError(f"can't write the checkpoint {path}: {error.strerror}{kept}") from error


def read_checkpoint(path: Path) -> Checkpoint:
    """Raises CheckpointError where the file is missing, can't be read, is damaged, or of another version."""
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint {path}")
    if not os.access(path, os.R_OK):
        raise CheckpointError(f"can't read the checkpoint {path}: it belongs to another user, or is not readable")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        state = json.loads(metadata.get("state", "null"))
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"the checkpoint {path} is damaged ({error}); move the folder away to start anew"
        ) from None
    if metadata.get("version") != str(VERSION) or not isinstance(state, dict):
        found = metadata.get("version", "none")
        raise CheckpointError(
            f"the checkpoint {path} has version {found}, this release reads {VERSION}; "
            "finish that run with the release that began it, or move the folder away to start anew"
        )
    return Checkpoint(tensors, state)


def environment(precision: Precision, world: World) -> dict[str, Any]:
    """What bit-exact resumption depends on besides the checkpoint."""
    return {
        "precision": str(precision),
        "device": precision.device.type,
        "torch": torch.__version__,
        "processes": world.size,
        "threads": torch.get_num_threads(),
        "instruction_set": torch.backends.cpu.get_cpu_capability(),
    }
