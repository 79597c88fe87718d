"""A model made wider, so that it computes what it did before and has room to learn more."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from nmt.cells import CELLS
from nmt.config import ModelConfig
from nmt.model import Seq2Seq

WIDTHS = ("encoder_width", "decoder_width", "projected_memory_width", "attention_width", "readout_width")
"""Options that may be larger than those of the narrower model."""

Axis = list[int]
"""The widths of the parts that lie side by side along an axis of a parameter."""


@torch.no_grad()
def widen(model: Seq2Seq, weights: Mapping[str, Tensor], config: ModelConfig) -> None:
    """Give `model` the `weights` of a narrower one of this `config`; what both compute is the same.

    Net2Net (Chen, Goodfellow and Shlens, 2016) by new units instead of copies: the weights of the old units stand at
    their places, new units have those that `model` has drawn for them, and what reads a new unit has the weight 0. So
    gradients tell new units from one another from the first step on.

    The configs may differ in `WIDTHS` and in dropout, the model being at least as wide in each of them. Attention of
    the kind "dot" can't be widened: its score would see the new units.
    """
    before, after = _axes(config), _axes(model.config)
    for name, parameter in model.named_parameters():
        rows, *columns = (_places(old, new) for old, new in zip(before[name], after[name], strict=True))
        known = weights[name].to(parameter)
        if not columns:
            parameter[rows] = known
            continue
        readers = slice(None) if name == "decoder.attention.weight" else rows  # a score reads the units of both axes
        parameter[readers] = 0
        parameter[rows[:, None], columns[0]] = known


def _places(old: Axis, new: Axis) -> Tensor:
    """Where the units of the narrower axis lie in the wider one: at the beginning of each part."""
    starts = [sum(new[:part]) for part in range(len(new))]
    return torch.cat([torch.arange(start, start + width) for start, width in zip(starts, old, strict=True)])


def _axes(config: ModelConfig) -> dict[str, list[Axis]]:
    """The axes of each parameter of a model of this `config`, by its name."""
    return dict(_embedding_axes(config)) | dict(_encoder_axes(config)) | dict(_decoder_axes(config))


def _embedding_axes(config: ModelConfig) -> Iterable[tuple[str, list[Axis]]]:
    vocabulary, words = [config.vocabulary_size], [config.embedding_width]
    yield "embeddings.source", [vocabulary, words]
    yield "embeddings.separate_target", [vocabulary, words]
    yield "embeddings.separate_output", [vocabulary, [config.output_width]]
    yield "output_bias", [vocabulary]


def _encoder_axes(config: ModelConfig) -> Iterable[tuple[str, list[Axis]]]:
    outputs = _outputs(config)
    for layer in range(config.encoder_layers):
        seen = outputs if layer else [config.embedding_width]
        for direction in range(len(outputs)):
            yield from _cell_axes(f"encoder.layers.{layer}.{direction}.cell", config, config.encoder_width, seen)
    yield from _linear_axes("encoder.projection", [config.memory_width], outputs)


def _decoder_axes(config: ModelConfig) -> Iterable[tuple[str, list[Axis]]]:
    words, state = [config.embedding_width], [config.decoder_width]
    context: Axis = [] if config.attention == "none" else _memory(config)
    for layer in range(config.decoder_layers):
        states = state * CELLS[config.cell].states
        yield from _linear_axes(f"decoder.bridges.{layer}", states, _outputs(config))
        seen = state if layer else context if config.conditional else words + context
        yield from _cell_axes(f"decoder.cells.{layer}", config, config.decoder_width, seen)
    yield from _cell_axes("decoder.word_cell", config, config.decoder_width, words)
    yield from _linear_axes("decoder.query", state, words)
    yield from _linear_axes("decoder.deep_readout", [config.output_width], state + context + words)
    inner = [config.attention_width or config.decoder_width]
    yield "decoder.attention.weight", [state, _memory(config)]
    yield from _linear_axes("decoder.attention.query", inner, state)
    yield from _linear_axes("decoder.attention.key", inner, _memory(config))
    yield from _linear_axes("decoder.attention.score", [1], inner)


def _outputs(config: ModelConfig) -> Axis:
    return [config.encoder_width] * (2 if config.bidirectional else 1)


def _memory(config: ModelConfig) -> Axis:
    return [config.projected_memory_width] if config.projected_memory_width else _outputs(config)


def _cell_axes(name: str, config: ModelConfig, width: int, seen: Axis) -> Iterable[tuple[str, list[Axis]]]:
    gates = [width] * CELLS[config.cell].gates
    yield f"{name}.weight_ih", [gates, seen]
    yield f"{name}.weight_hh", [gates, [width]]
    yield f"{name}.bias_ih", [gates]
    yield f"{name}.bias_hh", [gates]


def _linear_axes(name: str, rows: Axis, columns: Axis) -> Iterable[tuple[str, list[Axis]]]:
    yield f"{name}.weight", [rows, columns]
    yield f"{name}.bias", [rows]
