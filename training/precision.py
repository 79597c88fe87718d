"""In which arithmetic the model runs while it trains; weights and optimizer stay in float32."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch

from training.config import PrecisionKind

KERNELS_KEPT = 32


@dataclass(frozen=True)
class Precision:
    """`dtype` is that of matrix products."""

    device: torch.device
    dtype: torch.dtype

    @classmethod
    def choose(cls, name: PrecisionKind, device: torch.device) -> "Precision":
        """`auto` is bfloat16 where the processor multiplies it in hardware, else float32."""
        if name == "auto":
            name = "bfloat16" if has_fast_bfloat16(device) else "float32"
        return cls(device, torch.bfloat16 if name == "bfloat16" else torch.float32)

    def __str__(self) -> str:
        return str(self.dtype).removeprefix("torch.")

    def autocast(self) -> AbstractContextManager[None]:
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32)


def has_fast_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def bound_kernel_caches() -> None:
    """Call it before the first product: bfloat16 products on a processor then keep few compiled kernels.

    oneDNN and its layer in torch keep a kernel with its buffers for each shape, a thousand by default, and the batches
    of a run come in ever new shapes: left alone they take gigabytes. A step uses the same few again and again.
    """
    for variable in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
        os.environ.setdefault(variable, str(KERNELS_KEPT))
