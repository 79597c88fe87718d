"""The decoder: attention asks with the previous state, the cell moves, the readout is what the output layer sees."""

# B sentences, N rows (a multiple of B, those of a sentence together), T target tokens, S source tokens,
# E embedding width, D decoder width, M memory width, R readout width, G gate rows

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Self, cast

import torch
from torch import Tensor, nn

from nmt.attention import ATTENTIONS, Memory, Reader
from nmt.cells import CELLS, Cell, CellState
from nmt.config import ModelConfig
from nmt.dropout import drop_units
from nmt.encoder import Encoded
from nmt.product import Product, RepeatedProduct


@dataclass(frozen=True)
class DecoderState:
    """What a hypothesis carries: the state of each layer's cell, the bottom one first."""

    layers: tuple[CellState, ...]

    @property
    def top_ND(self) -> Tensor:
        return self.layers[-1][0]

    def select(self, rows_N: Tensor) -> Self:
        return type(self)(tuple(tuple(part[rows_N] for part in layer) for layer in self.layers))

    def concat(self, other: Self) -> Self:
        pairs = zip(self.layers, other.layers, strict=True)
        return type(self)(tuple(tuple(torch.cat(parts) for parts in zip(*pair, strict=True)) for pair in pairs))


class Step(NamedTuple):
    """What one step gives: the readout, the weights it looked with (None without attention), the state after it."""

    readout_NR: Tensor
    weights_NS: Tensor | None
    state: DecoderState


class Decoder(nn.Module):
    """s_i = cell(s_{i-1}, [E y_{i-1}; c_i]) with c_i the context that s_{i-1} asked for (Bahdanau et al., 2015).

    `conditional`: s' = word_cell(s_{i-1}, E y_{i-1}), s_i = cell(s', c_i) with c_i the context that s' asked for
    (Sennrich et al., 2017, "Nematus"); in a stack this is the bottom layer.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.readout_dropout, self.weight_drop = config.readout_dropout, config.weight_drop
        cell, width = CELLS[config.cell], config.decoder_width
        context_width = 0 if config.attention == "none" else config.memory_width
        self.input_widths = [config.embedding_width, context_width]
        final_width = config.encoder_width * (2 if config.bidirectional else 1)
        self.bridges = nn.ModuleList(nn.Linear(final_width, width * cell.states) for _ in range(config.decoder_layers))
        bottom_width = context_width if config.conditional else sum(self.input_widths)
        self.cells = nn.ModuleList(
            cell(bottom_width if layer == 0 else width, width) for layer in range(config.decoder_layers)
        )
        self.word_cell = cell(config.embedding_width, width) if config.conditional else None
        self.attention = None if config.attention == "none" else ATTENTIONS[config.attention](config)
        self.query = nn.Linear(config.embedding_width, width, bias=False) if config.query_sees_last_word else None
        seen_width = width + context_width + config.embedding_width
        self.deep_readout = nn.Linear(seen_width, config.output_width) if config.readout == "deep" else None

    @property
    def stack(self) -> list[Cell]:
        """The cells, bottom to top."""
        return cast(list[Cell], list(self.cells))

    def start(self, encoded: Encoded) -> tuple[Memory | None, DecoderState]:
        """s_0 = tanh(W [last forward; first backward] + b), one W for each layer; an LSTM's c_0 likewise."""
        layers = []
        for bridge, cell in zip(self.bridges, self.stack, strict=True):
            layers.append(tuple(torch.tanh(bridge(encoded.final_BF)).chunk(cell.states, dim=-1)))
        memory = None if self.attention is None else self.attention.remember(encoded)
        return memory, DecoderState(tuple(layers))

    def step(self, memory: Memory | None, state: DecoderState, words_NE: Tensor) -> Step:
        """One step on the embeddings of the last words."""
        steps = _Steps(self, memory, Product)
        context_NM, weights_NS, state = steps.advance(steps.project(words_NE), steps.query(words_NE), state)
        return Step(self.readout(state.top_ND, context_NM, words_NE), weights_NS, state)

    def unroll(self, memory: Memory | None, state: DecoderState, words_BTE: Tensor) -> tuple[Tensor, Tensor | None]:
        """All steps on given words: readouts [B, T, R], weights [B, T, S]. What needs no state is made once for all."""
        steps = _Steps(self, memory, RepeatedProduct if torch.is_grad_enabled() else Product)
        queries = None if self.query is None else self.query(words_BTE).unbind(dim=1)
        states: list[Tensor] = []
        contexts: list[Tensor | None] = []
        weights: list[Tensor | None] = []
        for index, projected_BG in enumerate(steps.project(words_BTE).unbind(dim=1)):
            query_BD = None if queries is None else queries[index]
            context_BM, weights_BS, state = steps.advance(projected_BG, query_BD, state)
            states.append(state.top_ND)
            contexts.append(context_BM)
            weights.append(weights_BS)
        contexts_BTM = None if self.attention is None else _stacked(contexts)
        readout_BTR = self.readout(torch.stack(states, dim=1), contexts_BTM, words_BTE)
        return readout_BTR, None if self.attention is None else _stacked(weights)

    def readout(self, state: Tensor, context: Tensor | None, words: Tensor) -> Tensor:
        """r = tanh(A [s; c; E y] + b), or s itself; dropout on top."""
        readout = state
        if self.deep_readout is not None:
            seen = [state, words] if context is None else [state, context, words]
            readout = torch.tanh(self.deep_readout(torch.cat(seen, dim=-1)))
        return drop_units(readout, self.readout_dropout, self.training)


class _Steps:
    """The products of all steps over one memory, with one draw of the dropped recurrent weights."""

    def __init__(self, decoder: Decoder, memory: Memory | None, make: Callable[[Tensor], Product]) -> None:
        self.decoder = decoder
        bottom, *upper = decoder.stack
        if decoder.word_cell is None:
            self.word_weight, context_weight = bottom.weight_ih.split_with_sizes(decoder.input_widths, dim=1)
            self.word_bias = bottom.input_bias()
        else:
            self.word_weight, context_weight = decoder.word_cell.weight_ih, bottom.weight_ih
            self.word_bias, self.context_bias = decoder.word_cell.input_bias(), bottom.input_bias()
            self.word_products = self._recurrent(decoder.word_cell, make)
        self.reader = None
        if memory is not None and decoder.attention is not None:
            self.reader = Reader(decoder.attention, memory, make)
            self.context_product = make(context_weight)
        self.stack_products = [make(cell.weight_ih) for cell in upper]
        self.stack_biases = [cell.input_bias() for cell in upper]
        self.recurrent_products = [self._recurrent(cell, make) for cell in decoder.stack]

    def _recurrent(self, cell: Cell, make: Callable[[Tensor], Product]) -> list[Product]:
        decoder = self.decoder
        return cell.products(make, drop_units(cell.weight_hh, decoder.weight_drop, decoder.training))

    def project(self, words: Tensor) -> Tensor:
        """The share of the words in the gates of the cell that reads them: [.., E] -> [.., G]."""
        return nn.functional.linear(words, self.word_weight, self.word_bias)

    def query(self, words_NE: Tensor) -> Tensor | None:
        return None if self.decoder.query is None else self.decoder.query(words_NE)

    def advance(
        self, projected_NG: Tensor, query_ND: Tensor | None, state: DecoderState
    ) -> tuple[Tensor | None, Tensor | None, DecoderState]:
        """1. look: context from the previous top state. 2. move: each layer's cell, bottom to top."""
        before = list(state.layers)
        asking_ND = state.top_ND if query_ND is None else state.top_ND + query_ND
        if self.decoder.word_cell is not None:
            before[0] = self.decoder.word_cell.advance(projected_NG, before[0], self.word_products)
            asking_ND, projected_NG = before[0][0], self.context_bias
        context_NM = weights_NS = None
        if self.reader is not None:
            weights_NS, context_NM = self.reader.read(asking_ND)
            projected_NG = projected_NG + self.context_product(context_NM)
        layers: list[CellState] = []
        for index, cell in enumerate(self.decoder.stack):
            if index > 0:
                projected_NG = self.stack_products[index - 1](layers[-1][0]) + self.stack_biases[index - 1]
            layers.append(cell.advance(projected_NG, before[index], self.recurrent_products[index]))
        return context_NM, weights_NS, DecoderState(tuple(layers))


def _stacked(steps: list[Tensor | None]) -> Tensor:
    return torch.stack([step for step in steps if step is not None], dim=1)
