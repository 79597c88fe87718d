"""The shape of a text classifier."""

from dataclasses import dataclass
from typing import Literal

from nmt.config import ModelConfig
from nmt.options import Options, option

PoolingKind = Literal["last", "mean", "max"]


@dataclass(frozen=True, kw_only=True)
class ClassifierConfig(Options):
    """A GRU that reads a text's pieces from left to right, and one prediction from its outputs.

    Widths are in units, dropout rates are probabilities of being zeroed.
    """

    vocabulary_size: int = option(8000, "pieces of the vocabulary, special symbols included", minimum=5)
    embedding_width: int = option(64, "width E of a piece's embedding", minimum=1)
    encoder_width: int = option(128, "width W of the GRU's state", minimum=1)
    pooling: PoolingKind = option("mean", "what the prediction sees: the GRU's last output, or mean or maximum of all")
    fold_case: bool = option(True, "read capitals as small letters")
    max_pieces: int = option(100, "pieces of a text that are read, from its start", minimum=1)
    embedding_dropout: float = option(0.0, "dropout on embeddings", minimum=0, maximum=0.95)
    word_dropout: float = option(0.0, "dropout of whole pieces", minimum=0, maximum=0.95)
    pooled_dropout: float = option(0.0, "dropout on what the prediction sees", minimum=0, maximum=0.95)
    weight_drop: float = option(0.0, "dropout on the recurrent weight matrix", minimum=0, maximum=0.95)

    @property
    def encoder(self) -> ModelConfig:
        """The same as options of `nmt.encoder`."""
        return ModelConfig(
            vocabulary_size=self.vocabulary_size, cell="gru", embedding_width=self.embedding_width,
            encoder_width=self.encoder_width, bidirectional=False, weight_drop=self.weight_drop,
        )  # fmt: skip
