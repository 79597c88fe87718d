"""What a decoder state looks at: scores over the source tokens, their softmax, and the weighted memory."""

# B sentences, K rows that share a sentence (1 in training, the beam in search), S source tokens,
# D decoder width, M memory width, A width of the keys

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nmt.config import AttentionKind, ModelConfig
from nmt.encoder import Encoded
from nmt.product import Product


@dataclass(frozen=True)
class Memory:
    """What sentences own while they are decoded; padding has the score bias -inf."""

    values_BSM: Tensor
    keys_BSA: Tensor
    bias_BS: Tensor

    def select(self, sentences: Tensor) -> Self:
        """These sentences, padded to the longest of them."""
        bias_BS = self.bias_BS[sentences]
        steps = int((bias_BS > -torch.inf).any(dim=0).sum())
        return type(self)(
            self.values_BSM[:, :steps][sentences], self.keys_BSA[:, :steps][sentences], bias_BS[:, :steps].contiguous()
        )

    def concat(self, other: Self) -> Self:
        longest = max(self.bias_BS.shape[1], other.bias_BS.shape[1])
        first, second = self._padded(longest), other._padded(longest)
        return type(self)(
            torch.cat([first.values_BSM, second.values_BSM]),
            torch.cat([first.keys_BSA, second.keys_BSA]),
            torch.cat([first.bias_BS, second.bias_BS]),
        )

    def _padded(self, steps: int) -> Self:
        more = steps - self.bias_BS.shape[1]
        if more == 0:
            return self
        return type(self)(
            F.pad(self.values_BSM, (0, 0, 0, more)),
            F.pad(self.keys_BSA, (0, 0, 0, more)),
            F.pad(self.bias_BS, (0, more), value=-torch.inf),
        )


class Reader:
    """The memory's products, made once for all steps of a batch."""

    def __init__(self, attention: "Attention", memory: Memory, make: Callable[[Tensor], Product] = Product) -> None:
        self.attention, self.bias_B1S = attention, memory.bias_BS[:, None]
        self.keys = attention.key_product(memory.keys_BSA, make)
        self.values = make(memory.values_BSM.mT)

    def read(self, query_ND: Tensor) -> tuple[Tensor, Tensor]:
        """Weights [N, S] (0 at padding, rows sum to 1) and contexts [N, M]; N = B K rows, a sentence's side by side."""
        query_BKD = query_ND.view(self.bias_B1S.shape[0], -1, query_ND.shape[1])
        weights_BKS = torch.softmax(self.attention.scores(query_BKD, self.keys) + self.bias_B1S, dim=-1)
        return weights_BKS.flatten(0, 1), self.values(weights_BKS).flatten(0, 1)


class Attention(nn.Module, ABC):
    """A score f(s, h_j) of a state against each source token (Luong et al., 2015, name the forms)."""

    @abstractmethod
    def keys(self, memory_BSM: Tensor) -> Tensor:
        """[B, S, A]: what of the scores depends on the memory alone."""

    def key_product(self, keys_BSA: Tensor, make: Callable[[Tensor], Product]) -> Product:
        return make(keys_BSA)

    @abstractmethod
    def scores(self, query_BKD: Tensor, keys: Product) -> Tensor:
        """[B, K, S]"""

    def remember(self, encoded: Encoded) -> Memory:
        bias_BS = torch.zeros_like(encoded.mask_BS, dtype=encoded.memory_BSM.dtype)
        bias_BS = bias_BS.masked_fill(~encoded.mask_BS, -torch.inf)
        return Memory(encoded.memory_BSM, self.keys(encoded.memory_BSM), bias_BS)


class BilinearAttention(Attention):
    """f = s' W h"""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(config.decoder_width, config.memory_width))
        nn.init.xavier_uniform_(self.weight)

    def keys(self, memory_BSM: Tensor) -> Tensor:
        return F.linear(memory_BSM, self.weight)

    def scores(self, query_BKD: Tensor, keys: Product) -> Tensor:
        return keys(query_BKD)


class DotAttention(Attention):
    """f = s' h"""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()

    def keys(self, memory_BSM: Tensor) -> Tensor:
        return memory_BSM

    def scores(self, query_BKD: Tensor, keys: Product) -> Tensor:
        return keys(query_BKD)


class AdditiveAttention(Attention):
    """f = v' tanh(W s + U h + b) (Bahdanau et al., 2015)"""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.attention_width or config.decoder_width
        self.query = nn.Linear(config.decoder_width, width, bias=False)
        self.key = nn.Linear(config.memory_width, width)
        self.score = nn.Linear(width, 1, bias=False)

    def keys(self, memory_BSM: Tensor) -> Tensor:
        keys: Tensor = self.key(memory_BSM)
        return keys

    def key_product(self, keys_BSA: Tensor, make: Callable[[Tensor], Product]) -> Product:
        return Product(keys_BSA)

    def scores(self, query_BKD: Tensor, keys: Product) -> Tensor:
        inner_BKSA = torch.tanh(self.query(query_BKD)[:, :, None] + keys.weight[:, None])
        scores_BKS: Tensor = self.score(inner_BKSA)[..., 0]
        return scores_BKS


ATTENTIONS: dict[AttentionKind, Callable[[ModelConfig], Attention]] = {
    "bilinear": BilinearAttention,
    "additive": AdditiveAttention,
    "dot": DotAttention,
}
