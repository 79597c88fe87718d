"""A Transformer (Vaswani et al., 2017), to measure the recurrent models against, from the layers that torch.nn has.

It offers what training, validation and search ask of a `Seq2Seq`: `unroll`, `logits`, `start`, `step`, `output_bias`;
so objective, loop, scorer and translator are the very same.
"""

# B sentences, K rows of each, N = B K rows, S source tokens, T target tokens, L decoder layers, V vocabulary,
# E width, H heads, D width of a head (E = H D)

import math
from dataclasses import dataclass
from typing import Self, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from nmt.batch import Batch
from nmt.errors import ConfigError
from nmt.options import Options, option

PLAIN_ATTENTION = SDPBackend.MATH  # for short sentences faster to train through than torch's fused kernel for CPUs


@dataclass(frozen=True, kw_only=True)
class TransformerConfig(Options):
    """Its shape. Widths are in units, dropout rates are probabilities of being zeroed."""

    vocabulary_size: int = option(4000, "pieces of the joint vocabulary, special symbols included", minimum=5)
    width: int = option(128, "width E of embeddings and layers", minimum=2)
    inner_width: int = option(256, "width of the inner layer of the feed-forward networks", minimum=1)
    heads: int = option(4, "heads of each attention", minimum=1)
    encoder_layers: int = option(4, "stacked encoder layers", minimum=1)
    decoder_layers: int = option(4, "stacked decoder layers", minimum=1)
    pre_norm: bool = option(True, "normalise what goes into a sublayer; false: the sum that comes out, as in 2017")
    dropout: float = option(0.3, "dropout on embeddings and on what sublayers add", minimum=0, maximum=0.95)
    attention_dropout: float = option(0.0, "dropout on attention weights", minimum=0, maximum=0.95)
    inner_dropout: float = option(0.0, "dropout on the inner layer", minimum=0, maximum=0.95)

    def check(self) -> None:
        if self.width % (2 * self.heads):
            raise ConfigError("heads", self.heads, f"a number that halves of the width {self.width} can be divided by")


@dataclass(frozen=True)
class Memory:
    """What sentences own while they are decoded: the keys and values of each decoder layer. Padding has bias -inf."""

    keys_BLHSD: Tensor
    values_BLHSD: Tensor
    bias_BS: Tensor

    def layer(self, index: int) -> tuple[Tensor, Tensor]:
        return self.keys_BLHSD[:, index], self.values_BLHSD[:, index]

    def select(self, sentences: Tensor) -> Self:
        """These sentences, padded to the longest of them."""
        bias_BS = self.bias_BS[sentences]
        steps = int((bias_BS > -torch.inf).any(dim=0).sum())
        keys, values = (part[..., :steps, :][sentences] for part in (self.keys_BLHSD, self.values_BLHSD))
        return type(self)(keys, values, bias_BS[:, :steps])

    def concat(self, other: Self) -> Self:
        longest = max(self.bias_BS.shape[1], other.bias_BS.shape[1])
        both = [memory._padded(longest - memory.bias_BS.shape[1]) for memory in (self, other)]
        keys, values, biases = zip(*((one.keys_BLHSD, one.values_BLHSD, one.bias_BS) for one in both), strict=True)
        return type(self)(torch.cat(keys), torch.cat(values), torch.cat(biases))

    def _padded(self, more: int) -> Self:
        keys, values = (F.pad(part, (0, 0, 0, more)) for part in (self.keys_BLHSD, self.values_BLHSD))
        return type(self)(keys, values, F.pad(self.bias_BS, (0, more), value=-torch.inf))


@dataclass(frozen=True)
class Past:
    """What rows carry: keys and values of the target tokens read so far, the last `said_N` places of T being real."""

    keys_NLHTD: Tensor
    values_NLHTD: Tensor
    said_N: Tensor

    @property
    def bias_NT(self) -> Tensor:
        """-inf before a row's first token."""
        steps = self.keys_NLHTD.shape[3]
        unreal_NT = torch.arange(steps, device=self.said_N.device) < (steps - self.said_N)[:, None]
        return torch.zeros_like(unreal_NT, dtype=self.keys_NLHTD.dtype).masked_fill(unreal_NT, -torch.inf)

    def with_room(self) -> Self:
        """One more real place, to be written."""
        return type(self)(F.pad(self.keys_NLHTD, (0, 0, 0, 1)), F.pad(self.values_NLHTD, (0, 0, 0, 1)), self.said_N + 1)

    def write(self, layer: int, keys_NH1D: Tensor, values_NH1D: Tensor) -> None:
        """Fill the last place, which nobody else has seen."""
        self.keys_NLHTD[:, layer, :, -1:] = keys_NH1D
        self.values_NLHTD[:, layer, :, -1:] = values_NH1D

    def layer(self, index: int) -> tuple[Tensor, Tensor]:
        return self.keys_NLHTD[:, index], self.values_NLHTD[:, index]

    def select(self, rows_N: Tensor) -> Self:
        return type(self)(self.keys_NLHTD[rows_N], self.values_NLHTD[rows_N], self.said_N[rows_N])

    def concat(self, other: Self) -> Self:
        longest = max(past.keys_NLHTD.shape[3] for past in (self, other))
        keys, values = (
            torch.cat([F.pad(part, (0, 0, longest - part.shape[3], 0)) for part in parts])
            for parts in ((self.keys_NLHTD, other.keys_NLHTD), (self.values_NLHTD, other.values_NLHTD))
        )
        return type(self)(keys, values, torch.cat([self.said_N, other.said_N]))


class Transformer(nn.Module):
    """Encoder and decoder layers over one embedding matrix for source, target and output; sinusoidal positions."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding_VE = nn.Parameter(torch.randn(config.vocabulary_size, config.width) * config.width**-0.5)
        self.output_bias = nn.Parameter(torch.zeros(config.vocabulary_size))
        norms = [nn.LayerNorm(config.width) if config.pre_norm else None for _ in range(2)]
        shape = (config.width, config.heads, config.inner_width, config.dropout)
        encoder_layer = nn.TransformerEncoderLayer(*shape, batch_first=True, norm_first=config.pre_norm)
        decoder_layer = nn.TransformerDecoderLayer(*shape, batch_first=True, norm_first=config.pre_norm)
        self.encoder = nn.TransformerEncoder(encoder_layer, config.encoder_layers, norms[0], enable_nested_tensor=False)
        self.decoder = nn.TransformerDecoder(decoder_layer, config.decoder_layers, norms[1])
        self._initialize()

    def _initialize(self) -> None:
        """Matrices as by Glorot and Bengio (2010), biases 0; the dropout rates that torch's layers don't ask for."""
        for stack in (self.encoder, self.decoder):
            for name, parameter in stack.named_parameters():
                if parameter.dim() > 1:
                    nn.init.xavier_uniform_(parameter)
                elif name.endswith("bias"):
                    nn.init.zeros_(parameter)
            for module in stack.modules():
                if isinstance(module, nn.MultiheadAttention):
                    module.dropout = self.config.attention_dropout
                if isinstance(module, nn.TransformerEncoderLayer | nn.TransformerDecoderLayer):
                    module.dropout.p = self.config.inner_dropout

    @property
    def layers(self) -> list[nn.TransformerDecoderLayer]:
        return cast(list[nn.TransformerDecoderLayer], list(self.decoder.layers))

    def unroll(self, source: Batch, tokens_BT: Tensor) -> tuple[Tensor, None]:
        """Teacher forcing on the words fed in (BOS first): readouts [B, T, E]."""
        future_TT = nn.Transformer.generate_square_subsequent_mask(tokens_BT.shape[1], device=tokens_BT.device)
        words_BTE = self._embed(tokens_BT, torch.arange(tokens_BT.shape[1], device=tokens_BT.device))
        with sdpa_kernel(PLAIN_ATTENTION):
            readout_BTE = self.decoder(
                words_BTE, self._encode(source), tgt_mask=future_TT, tgt_is_causal=True,
                memory_key_padding_mask=~source.mask_BS,
            )  # fmt: skip
        return readout_BTE, None

    def logits(self, readout: Tensor, types_C: Tensor | None = None) -> Tensor:
        """[.., E] -> [.., V], or to these types alone: [.., C]."""
        weight, bias = self.embedding_VE, self.output_bias
        return F.linear(readout, weight, bias) if types_C is None else F.linear(readout, weight[types_C], bias[types_C])

    def start(self, source: Batch) -> tuple[Memory, Past]:
        """Read the source; nothing is said yet."""
        memory_BSE = self._encode(source)
        projected = [_keys_values(layer.multihead_attn, memory_BSE) for layer in self.layers]
        keys_BLHSD, values_BLHSD = (torch.stack(parts, dim=1) for parts in zip(*projected, strict=True))
        bias_BS = torch.zeros_like(source.mask_BS, dtype=memory_BSE.dtype).masked_fill(~source.mask_BS, -torch.inf)
        nothing = keys_BLHSD[..., :0, :]
        return Memory(keys_BLHSD, values_BLHSD, bias_BS), Past(nothing, nothing, torch.zeros_like(source.lengths_B))

    def step(self, memory: Memory, past: Past, tokens_N: Tensor) -> tuple[Tensor, Tensor, Past]:
        """One step after the tokens last chosen: logits [N, V], weights [N, S] of the top layer on the source (the mean
        of its heads), and what rows carry on."""
        x_NE = self._embed(tokens_N, past.said_N)
        past = past.with_room()
        for index, layer in enumerate(self.layers):
            seen_NE = self._before(layer.norm1, x_NE)
            past.write(index, *_keys_values(layer.self_attn, seen_NE[:, None]))
            found_NE, _ = _attend(layer.self_attn, seen_NE, *past.layer(index), past.bias_NT)
            x_NE = self._behind(layer.norm1, x_NE + found_NE)
            seen_NE = self._before(layer.norm2, x_NE)
            found_NE, weights_NS = _attend(layer.multihead_attn, seen_NE, *memory.layer(index), memory.bias_BS)
            x_NE = self._behind(layer.norm2, x_NE + found_NE)
            inner_NE = layer.linear2(F.relu(layer.linear1(self._before(layer.norm3, x_NE))))
            x_NE = self._behind(layer.norm3, x_NE + inner_NE)
        readout_NE = x_NE if self.decoder.norm is None else self.decoder.norm(x_NE)
        return self.logits(readout_NE), weights_NS, past

    def _encode(self, source: Batch) -> Tensor:
        places_S = torch.arange(source.tokens_BS.shape[1], device=source.tokens_BS.device)
        encoded: Tensor = self.encoder(self._embed(source.tokens_BS, places_S), src_key_padding_mask=~source.mask_BS)
        return encoded

    def _embed(self, tokens: Tensor, places: Tensor) -> Tensor:
        """sqrt(E) times the embedding, and sines and cosines of the place, of E / 2 wavelengths, 2 pi to 2e4 pi."""
        half = self.config.width // 2
        rates = 10000.0 ** (-torch.arange(half, device=places.device) / max(half - 1, 1))
        angles = places[..., None] * rates
        positions = torch.cat([angles.sin(), angles.cos()], dim=-1)
        words = self.embedding_VE[tokens] * math.sqrt(self.config.width)
        return F.dropout(words + positions, self.config.dropout, self.training)

    def _before(self, norm: nn.Module, x_NE: Tensor) -> Tensor:
        return norm(x_NE) if self.config.pre_norm else x_NE

    def _behind(self, norm: nn.Module, x_NE: Tensor) -> Tensor:
        return x_NE if self.config.pre_norm else norm(x_NE)


def _keys_values(attention: nn.MultiheadAttention, x_BSE: Tensor) -> tuple[Tensor, Tensor]:
    """[B, H, S, D] each."""
    width = attention.embed_dim
    projected = F.linear(x_BSE, attention.in_proj_weight[width:], attention.in_proj_bias[width:])
    parts_BS2HD = projected.view(*x_BSE.shape[:2], 2, attention.num_heads, -1)
    keys_BHSD, values_BHSD = parts_BS2HD.permute(2, 0, 3, 1, 4)
    return keys_BHSD, values_BHSD


def _attend(
    attention: nn.MultiheadAttention, x_NE: Tensor, keys_BHSD: Tensor, values_BHSD: Tensor, bias_BS: Tensor
) -> tuple[Tensor, Tensor]:
    """What N = B K rows find at S places [N, E], and the weights of these [N, S], the mean over heads."""
    width = attention.embed_dim
    query_NE = F.linear(x_NE, attention.in_proj_weight[:width], attention.in_proj_bias[:width])
    query_BHKD = query_NE.view(len(keys_BHSD), -1, *keys_BHSD.shape[1::2]).transpose(1, 2)
    scores_BHKS = query_BHKD @ keys_BHSD.mT * keys_BHSD.shape[3] ** -0.5
    weights_BHKS = torch.softmax(scores_BHKS + bias_BS[:, None, None], dim=-1)
    found_NE = (weights_BHKS @ values_BHSD).transpose(1, 2).reshape(x_NE.shape)
    return attention.out_proj(found_NE), weights_BHKS.mean(dim=1).flatten(0, 1)
