"""The classifier as a network: token ids in, one score for each label out."""

# B texts, S tokens, E embedding width, W encoder width, L labels, V vocabulary

import torch
from torch import Tensor, nn

from nmt.batch import Batch
from nmt.dropout import drop_units, drop_words
from nmt.encoder import Encoder
from nmt.identification.config import ClassifierConfig


class Classifier(nn.Module):
    """p(label | text) = softmax(W pool(h_1 .. h_S) + b), h the outputs of a GRU over the text's pieces."""

    def __init__(self, config: ClassifierConfig, labels: int) -> None:
        super().__init__()
        self.config = config
        width = config.embedding_width
        self.embedding = nn.Parameter(torch.randn(config.vocabulary_size, width) * width**-0.5)
        self.encoder = Encoder(config.encoder)
        self.output = nn.Linear(config.encoder_width, labels)

    def forward(self, texts: Batch) -> Tensor:
        """Logits [B, L]; a text has one token at least."""
        embedded_BSE = drop_units(self.embedding[texts.tokens_BS], self.config.embedding_dropout, self.training)
        spared_BS = ~texts.mask_BS
        spared_BS[:, 0] = True
        embedded_BSE = drop_words(embedded_BSE, self.config.word_dropout, self.training, spared_BS)
        encoded = self.encoder(embedded_BSE, texts.mask_BS)
        pooled_BW = self._pooled(encoded.memory_BSM, encoded.final_BF, texts.mask_BS)
        logits_BL: Tensor = self.output(drop_units(pooled_BW, self.config.pooled_dropout, self.training))
        return logits_BL

    def _pooled(self, outputs_BSW: Tensor, last_BW: Tensor, mask_BS: Tensor) -> Tensor:
        if self.config.pooling == "last":
            return last_BW
        padding_BS1 = ~mask_BS[:, :, None]
        if self.config.pooling == "max":
            return outputs_BSW.masked_fill(padding_BS1, -torch.inf).amax(dim=1)
        return outputs_BSW.masked_fill(padding_BS1, 0).sum(dim=1) / mask_BS.sum(dim=1, keepdim=True)
