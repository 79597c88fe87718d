"""The encoder-decoder as a whole: token ids in, log-probabilities of target tokens out."""

# B sentences, S source tokens, T target tokens, N rows, E embedding width, R readout width, V vocabulary

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nmt.attention import Memory
from nmt.batch import Batch
from nmt.config import ModelConfig
from nmt.decoder import Decoder, DecoderState
from nmt.dropout import drop_same_units, drop_units, drop_words
from nmt.encoder import Encoder
from nmt.vocabulary import SPECIAL_PIECES


class Scores(NamedTuple):
    """`logits_NV` of the next token, `weights_NS` of the attention behind them (None without), the state after."""

    logits_NV: Tensor
    weights_NS: Tensor | None
    state: DecoderState


class Seq2Seq(nn.Module):
    """A recurrent encoder-decoder with attention, as `ModelConfig` describes it."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.output_bias = nn.Parameter(torch.zeros(config.vocabulary_size))

    def start(self, source: Batch) -> tuple[Memory | None, DecoderState]:
        """Read the source: the memory that sentences own, and the decoder's first state."""
        words_BSE = self._noisy(self.embeddings.source, source.tokens_BS, self.config.source_word_dropout)
        return self.decoder.start(self.encoder(words_BSE, source.mask_BS))

    def step(self, memory: Memory | None, state: DecoderState, tokens_N: Tensor) -> Scores:
        """One step after the tokens last chosen (BOS at first)."""
        readout_NR, weights_NS, state = self.decoder.step(memory, state, self.embeddings.target[tokens_N])
        return Scores(self.logits(readout_NR), weights_NS, state)

    def unroll(self, source: Batch, tokens_BT: Tensor) -> tuple[Tensor, Tensor | None]:
        """Teacher forcing on the words fed in (BOS first): readouts [B, T, R] and attention weights [B, T, S]."""
        memory, state = self.start(source)
        words_BTE = self._noisy(self.embeddings.target, tokens_BT, self.config.target_word_dropout)
        return self.decoder.unroll(memory, state, words_BTE)

    def logits(self, readout: Tensor, types_C: Tensor | None = None) -> Tensor:
        """[.., R] -> [.., V]: the softmax of it is p(y_i). With `types_C`, those of these types alone: [.., C]."""
        weight, bias = self.embeddings.output, self.output_bias
        return F.linear(readout, weight, bias) if types_C is None else F.linear(readout, weight[types_C], bias[types_C])

    def _noisy(self, embedding_VE: Tensor, tokens_BS: Tensor, word_rate: float) -> Tensor:
        """Embeddings with dropout. Words are dropped, but no specials, and not the first one, where a tag may stand."""
        drop = drop_same_units if self.config.variational_embedding_dropout else drop_units
        words_BSE = drop(embedding_VE[tokens_BS], self.config.embedding_dropout, self.training)
        spared_BS = tokens_BS < len(SPECIAL_PIECES)
        spared_BS[:, 0] = True
        return drop_words(words_BSE, word_rate, self.training, spared_BS)


class Embeddings(nn.Module):
    """Source embedding [V, E], target embedding [V, E] and output matrix [V, R]: three matrices, two or one."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.tied = config.tied_embeddings
        self.source = _matrix(config.vocabulary_size, config.embedding_width)
        if self.tied != "all":
            self.separate_target = _matrix(config.vocabulary_size, config.embedding_width)
        if self.tied == "none":
            self.separate_output = _matrix(config.vocabulary_size, config.output_width)

    @property
    def target(self) -> Tensor:
        return self.source if self.tied == "all" else self.separate_target

    @property
    def output(self) -> Tensor:
        return self.separate_output if self.tied == "none" else self.target


def _matrix(rows: int, width: int) -> nn.Parameter:
    """Normal with variance 1 / width, so that a row has length 1 whether it is looked up or multiplied."""
    matrix = torch.empty(rows, width)
    if not matrix.is_meta:  # where nothing is drawn, torch would load its compiler: a second, and 100 MB
        matrix.normal_(std=width**-0.5)
    return nn.Parameter(matrix)
