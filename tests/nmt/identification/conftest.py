"""A classifier with random weights over English and German pieces."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from nmt.identification.artifact import ClassifierArtifact, ClassifierHeader, LabelKind
from nmt.identification.config import ClassifierConfig, PoolingKind
from nmt.identification.identifier import LanguageIdentifier
from nmt.identification.model import Classifier
from nmt.identification.text import TextReader
from nmt.tokenizer import SentencePieceTokenizer

LABELS = ("de", "en", "fr", "yue")
Make = Callable[..., tuple[Classifier, ClassifierArtifact]]


@pytest.fixture(scope="session")
def make(tokenizer: SentencePieceTokenizer) -> Make:
    """A model as torch has it, and as its folder holds it."""

    def make(
        pooling: PoolingKind = "mean", label_kind: LabelKind = "languages", temperature: float = 1.0, **shape: Any
    ) -> tuple[Classifier, ClassifierArtifact]:
        config = ClassifierConfig(
            vocabulary_size=tokenizer.size, embedding_width=12, encoder_width=8, pooling=pooling, **shape
        )
        with torch.random.fork_rng():
            torch.manual_seed(1)
            model = Classifier(config, len(LABELS)).eval()
            for parameter in model.parameters():
                torch.nn.init.normal_(parameter)
        header = ClassifierHeader(model=config, labels=LABELS, label_kind=label_kind, temperature=temperature)
        weights = {name: tensor.detach().numpy() for name, tensor in model.state_dict().items()}
        return model, ClassifierArtifact(header, weights, TextReader(tokenizer.serialized), {"data": "none"})

    return make


@pytest.fixture(scope="session")
def identifier(make: Make) -> LanguageIdentifier:
    return LanguageIdentifier(make()[1], name="random")
