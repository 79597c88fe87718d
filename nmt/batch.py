"""Token ids of several sentences as one padded matrix."""

# B sentences, S tokens of the longest one

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from nmt.vocabulary import PAD


@dataclass(frozen=True)
class Batch:
    """`tokens_BS` holds ids, PAD behind each sentence; `lengths_B` counts the real ones (int64, at least 1)."""

    tokens_BS: Tensor
    lengths_B: Tensor

    @classmethod
    def of(cls, sentences: Sequence[Sequence[int]], device: torch.device | str = "cpu") -> Self:
        """Pad `sentences` (none of them empty) to the longest."""
        assert sentences and all(sentences), "a batch holds at least one sentence, a sentence at least one token"
        lengths = [len(sentence) for sentence in sentences]
        width = max(lengths)
        rows = [[*sentence, *[PAD] * (width - len(sentence))] for sentence in sentences]
        return cls(torch.tensor(rows, device=device), torch.tensor(lengths, device=device))

    def __len__(self) -> int:
        return self.tokens_BS.shape[0]

    @property
    def mask_BS(self) -> Tensor:
        """True where a real token stands."""
        return torch.arange(self.tokens_BS.shape[1], device=self.lengths_B.device) < self.lengths_B[:, None]

    def to(self, device: torch.device | str) -> Self:
        return type(self)(self.tokens_BS.to(device), self.lengths_B.to(device))
