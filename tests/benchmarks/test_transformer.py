"""The laws of a model that is searched step by step hold for the Transformer of the benchmarks, too."""

# B sentences, T target tokens

import pytest
import torch
from torch import Tensor
from transformer import Transformer, TransformerConfig

from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.engine.reference import ReferenceScorer
from nmt.search import BeamSearch, search
from nmt.vocabulary import BOS

SOURCES = [[5, 6, 7, 8, 9, 3], [10, 3], [7, 7, 11, 3]]
TARGET_IN_BT = torch.tensor([[BOS, 4, 5, 6, 7], [BOS, 8, 9, 10, 11], [BOS, 5, 5, 5, 5]])


@pytest.fixture(params=[True, False], ids=["pre-norm", "post-norm"])
def model(request: pytest.FixtureRequest) -> Transformer:
    torch.manual_seed(3)
    config = TransformerConfig(
        vocabulary_size=23, width=16, inner_width=12, heads=2, encoder_layers=2, decoder_layers=3,
        pre_norm=request.param,
    )  # fmt: skip
    return Transformer(config).eval()


@torch.no_grad()
def unrolled(model: Transformer, sources: list[list[int]], tokens_BT: Tensor) -> Tensor:
    return model.logits(model.unroll(Batch.of(sources), tokens_BT)[0])


@torch.no_grad()
def test_the_unroll_is_step_by_step(model: Transformer) -> None:
    memory, past = model.start(Batch.of(SOURCES))
    whole_BTV = unrolled(model, SOURCES, TARGET_IN_BT)
    for step, tokens_B in enumerate(TARGET_IN_BT.unbind(dim=1)):
        logits_BV, weights_BS, past = model.step(memory, past, tokens_B)
        assert torch.allclose(logits_BV, whole_BTV[:, step], atol=1e-5)
        assert torch.allclose(weights_BS.sum(dim=1), torch.ones(3))
        assert (weights_BS[~Batch.of(SOURCES).mask_BS] == 0).all()


def test_padding_changes_nothing(model: Transformer) -> None:
    together_BTV = unrolled(model, SOURCES, TARGET_IN_BT)
    for place, source in enumerate(SOURCES):
        alone_1TV = unrolled(model, [source], TARGET_IN_BT[place : place + 1])
        assert torch.allclose(together_BTV[place], alone_1TV[0], atol=1e-5)


def test_training_gives_the_function_that_is_searched(model: Transformer) -> None:
    """With dropout switched off: torch's layers have other code for training."""
    torch.manual_seed(0)
    for module in model.train().modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    still = TransformerConfig(**(model.config.to_mapping() | {"dropout": 0.0}))
    model.config = still
    trained_BTV = model.logits(model.unroll(Batch.of(SOURCES), TARGET_IN_BT)[0])
    assert torch.allclose(trained_BTV, unrolled(model.eval(), SOURCES, TARGET_IN_BT), atol=1e-5)


def test_words_to_come_are_not_seen(model: Transformer) -> None:
    changed_BT = TARGET_IN_BT.clone()
    changed_BT[:, 3:] = 12
    same = unrolled(model, SOURCES, TARGET_IN_BT)[:, :3], unrolled(model, SOURCES, changed_BT)[:, :3]
    assert torch.allclose(*same, atol=1e-6)


@pytest.mark.parametrize("beam_size", [1, 3])
def test_a_batch_is_searched_as_its_sentences_are_also_where_they_join_late(model: Transformer, beam_size: int) -> None:
    scorer, options = ReferenceScorer(model), SearchOptions(beam_size=beam_size, max_length=9)
    together = [found[0] for found in search(scorer, Batch.of(SOURCES), options)]
    alone = [search(scorer, Batch.of([source]), options)[0][0] for source in SOURCES]
    running, tickets = BeamSearch(scorer, options), []
    for source in SOURCES:
        tickets += running.add(Batch.of([source]))
        running.advance()
        running.advance()
    while running.running:
        running.advance()
    found = running.finished()
    late = [found[ticket][0] for ticket in tickets]
    for one, other, third in zip(together, alone, late, strict=True):
        assert one.tokens == other.tokens == third.tokens
        assert one.log_probability == pytest.approx(other.log_probability, abs=1e-4)
        assert one.log_probability == pytest.approx(third.log_probability, abs=1e-4)
