"""What a model is, how it is searched, how it is evaluated: frozen, checked option classes."""

from dataclasses import dataclass
from typing import Any, Literal

from nmt.errors import ConfigError
from nmt.options import Options, option

CellKind = Literal["rnn_tanh", "rnn_relu", "gru", "gru_reset_before", "lstm"]
AttentionKind = Literal["bilinear", "additive", "dot", "none"]
ReadoutKind = Literal["simple", "deep"]
Tying = Literal["none", "output", "all"]


@dataclass(frozen=True, kw_only=True)
class ModelConfig(Options):
    """The shape of an encoder-decoder. Widths are in units, dropout rates are probabilities of being zeroed."""

    vocabulary_size: int = option(
        4000, "pieces of the joint vocabulary, special symbols included", minimum=5, maximum=1_000_000
    )
    cell: CellKind = option("gru", "recurrent cell of encoder and decoder")
    embedding_width: int = option(256, "width E of a word embedding", minimum=1, maximum=16_384)
    encoder_width: int = option(160, "width of the encoder's state, per direction", minimum=1, maximum=16_384)
    encoder_layers: int = option(1, "stacked encoder layers", minimum=1, maximum=64)
    bidirectional: bool = option(True, "read the source in both directions")
    projected_memory_width: int | None = option(
        None, "width M that the encoder's outputs are projected to (absent: not projected)", minimum=1, maximum=16_384
    )
    decoder_width: int = option(320, "width D of the decoder's state", minimum=1, maximum=16_384)
    decoder_layers: int = option(1, "stacked decoder layers", minimum=1, maximum=64)
    attention: AttentionKind = option("bilinear", "how a decoder state scores the source tokens")
    attention_width: int | None = option(
        None, "inner width of additive attention (absent: the decoder's width)", minimum=1, maximum=16_384
    )
    query_sees_last_word: bool = option(False, "let the attention query also see the last target word")
    conditional: bool = option(False, "two cells a step, the attention between them asked by the first")
    readout: ReadoutKind = option("deep", "what the output layer sees: the state, or a layer over state, context, word")
    readout_width: int | None = option(
        None, "width R of the deep readout (absent: the embedding width)", minimum=1, maximum=16_384
    )
    tied_embeddings: Tying = option("none", "one matrix for target embedding and output, or for source too (all)")
    embedding_dropout: float = option(0.0, "dropout on embeddings", minimum=0, maximum=0.95)
    variational_embedding_dropout: bool = option(False, "one embedding mask for all positions of a sentence")
    encoder_dropout: float = option(0.0, "dropout on the outputs of encoder layers", minimum=0, maximum=0.95)
    readout_dropout: float = option(0.0, "dropout on the readout", minimum=0, maximum=0.95)
    source_word_dropout: float = option(0.0, "dropout of whole source words", minimum=0, maximum=0.95)
    target_word_dropout: float = option(0.0, "dropout of whole target words fed back", minimum=0, maximum=0.95)
    weight_drop: float = option(0.0, "dropout on the recurrent weight matrices", minimum=0, maximum=0.95)

    @property
    def shape(self) -> dict[str, Any]:
        """The options that say what is computed, without those of dropout, which only say how it is learnt."""
        return {
            name: value for name, value in self.to_mapping().items() if not name.endswith(("dropout", "weight_drop"))
        }

    @property
    def memory_width(self) -> int:
        """Width M of what attention reads: one encoder output, projected or not."""
        return self.projected_memory_width or self.encoder_width * (2 if self.bidirectional else 1)

    @property
    def output_width(self) -> int:
        """Width of what the output layer multiplies: R for the deep readout, D for the simple one."""
        return (self.readout_width or self.embedding_width) if self.readout == "deep" else self.decoder_width

    def check(self) -> None:
        if self.attention == "dot" and self.decoder_width != self.memory_width:
            raise ConfigError(
                "decoder_width", self.decoder_width, f"the memory width {self.memory_width} (attention = 'dot')"
            )
        if self.attention == "none" and self.query_sees_last_word:
            raise ConfigError("query_sees_last_word", True, "false where attention = 'none': nothing asks")
        if self.attention == "none" and self.conditional:
            raise ConfigError("conditional", True, "false where attention = 'none': nothing stands between the cells")
        if self.conditional and self.query_sees_last_word:
            raise ConfigError(
                "query_sees_last_word", True, "false where conditional = true: the first cell has read the last word"
            )
        if self.attention == "none" and self.projected_memory_width is not None:
            allowed = "to be absent where attention = 'none': nothing reads the memory"
            raise ConfigError("projected_memory_width", self.projected_memory_width, allowed)
        if self.readout == "simple" and self.readout_width is not None:
            raise ConfigError("readout_width", self.readout_width, "to be absent unless readout = 'deep'")
        if self.attention != "additive" and self.attention_width is not None:
            raise ConfigError("attention_width", self.attention_width, "to be absent unless attention = 'additive'")
        if self.tied_embeddings != "none" and self.output_width != self.embedding_width:
            key = "readout_width" if self.readout == "deep" else "decoder_width"
            raise ConfigError(
                key, self.output_width, f"the embedding width {self.embedding_width} (embeddings are tied)"
            )
        if self.variational_embedding_dropout and self.embedding_dropout == 0:
            raise ConfigError("embedding_dropout", 0.0, "above 0 where variational_embedding_dropout = true")


@dataclass(frozen=True, kw_only=True)
class SearchOptions(Options):
    """How translations are searched for. Lengths count target tokens, the end symbol included."""

    beam_size: int = option(5, "hypotheses kept at each step; 1 is greedy", minimum=1, maximum=64)
    n_best: int = option(1, "how many translations to return, best first", minimum=1, maximum=64)
    length_penalty: float = option(
        1.0, "alpha: hypotheses are ranked by log-probability / length^alpha", minimum=0, maximum=5
    )
    min_length: int = option(1, "fewest target tokens", minimum=1)
    max_length: int = option(256, "most target tokens", minimum=1)
    max_length_ratio: float = option(
        3.0, "most target tokens per source token (10 more are always allowed)", minimum=0.1
    )
    no_repeat_ngram: int = option(0, "forbid any n-gram of this size to occur twice; 0 forbids none", minimum=0)

    def check(self) -> None:
        if self.n_best > self.beam_size:
            raise ConfigError("n_best", self.n_best, f"at most beam_size ({self.beam_size})")
        if self.min_length > self.max_length:
            raise ConfigError("min_length", self.min_length, f"at most max_length ({self.max_length})")

    def length_limit(self, source_length: int) -> int:
        """Most target tokens for a source of `source_length` tokens: never above `max_length`."""
        return min(self.max_length, int(self.max_length_ratio * source_length) + 10)


@dataclass(frozen=True, kw_only=True)
class EvaluationOptions(Options):
    """How translations are compared with references. Both are plain, detokenised text."""

    lowercase: bool = option(False, "compare without regard to case")
    bootstrap_samples: int = option(
        1000, "resamples for confidence intervals and significance; 0 leaves both out", minimum=0, maximum=100_000
    )
