"""In which arithmetic the model runs while it trains; weights and optimizer stay in float32."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch

from training.config import PrecisionKind


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
