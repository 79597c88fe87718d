"""How much matrix work a training step is, counted from the shapes of the model and the batch."""

# P_s padded source tokens, P_t padded target tokens, S source tokens of the longest sentence,
# E embedding width, W encoder width, M memory width, D decoder width, A attention width, R readout width, V vocabulary

from nmt.cells import CELLS
from nmt.config import ModelConfig
from training.batch import TrainingBatch

STEP_OVER_FORWARD = 3
"""Each product x W' has two more of its size in the backward pass: those for the gradients of x and of W."""


def step_multiply_adds(config: ModelConfig, batch: TrainingBatch) -> int:
    """Multiply-adds of the matrix products of forward and backward pass; all else (gates, softmax, Adam) is left out.

    The model is counted as it computes: padding in, but no output layer for it.
    """
    return STEP_OVER_FORWARD * forward_multiply_adds(config, batch)


def forward_multiply_adds(config: ModelConfig, batch: TrainingBatch) -> int:
    sentences, steps = batch.source.tokens_BS.shape
    encoder = batch.source.tokens_BS.numel() * _encoder(config)
    bridges = (
        sentences * config.decoder_layers * _final_width(config) * CELLS[config.cell].states * config.decoder_width
    )
    decoder = batch.target_in_BT.numel() * (_decoder(config) + steps * _attention_per_pair(config))
    output = batch.target_tokens * config.output_width * config.vocabulary_size
    return encoder + bridges + decoder + output


def _final_width(config: ModelConfig) -> int:
    return config.encoder_width * (2 if config.bidirectional else 1)


def _encoder(config: ModelConfig) -> int:
    """For each source token: each layer's W_ih x and W_hh h in each direction, the projection, the keys."""
    width, directions = config.encoder_width, 2 if config.bidirectional else 1
    gates = CELLS[config.cell].gates * width
    inputs = [config.embedding_width] + [_final_width(config)] * (config.encoder_layers - 1)
    layers = sum(directions * gates * (read + width) for read in inputs)
    projection = 0 if config.projected_memory_width is None else _final_width(config) * config.projected_memory_width
    key_width = {"bilinear": config.decoder_width, "additive": _attention_width(config)}.get(config.attention, 0)
    return layers + projection + config.memory_width * key_width


def _decoder(config: ModelConfig) -> int:
    """For each target token: the gates of all cells, the query, the readout."""
    width, words = config.decoder_width, config.embedding_width
    context = 0 if config.attention == "none" else config.memory_width
    gates = CELLS[config.cell].gates * width
    cells = gates * (words + context + width * (2 if config.conditional else 1))
    cells += (config.decoder_layers - 1) * gates * 2 * width
    query = words * width if config.query_sees_last_word else 0
    query += width * _attention_width(config) if config.attention == "additive" else 0
    readout = (width + context + words) * config.output_width if config.readout == "deep" else 0
    return cells + query + readout


def _attention_per_pair(config: ModelConfig) -> int:
    """For each pair of a target and a source token: its score, and its share in the context."""
    if config.attention == "none":
        return 0
    return (_attention_width(config) if config.attention == "additive" else config.decoder_width) + config.memory_width


def _attention_width(config: ModelConfig) -> int:
    return config.attention_width or config.decoder_width
