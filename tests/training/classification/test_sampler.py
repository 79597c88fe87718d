"""Which texts make up which batch: a pure function of seed and place."""

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nmt.identification.config import ClassifierConfig
from nmt.identification.text import TextReader
from tests.training.classification.examples import lines
from training.classification import sampler as module
from training.classification.config import LabelledDataConfig
from training.classification.corpus import LabelledTexts
from training.classification.sampler import LabelledBatch, TextSampler, cut_batches, draw, draw_each

SHAPE = ClassifierConfig(max_pieces=20)
TEXTS = LabelledTexts({"aa": lines("aa", 160), "bb": lines("bb", 10)})


def options(**given: object) -> LabelledDataConfig:
    return LabelledDataConfig.from_mapping({"train": [{"file": "a.tsv"}], **given})


@pytest.fixture
def make(tokenizer, monkeypatch):
    monkeypatch.setattr(module, "POOL", 64)
    reader = TextReader(tokenizer.serialized)
    data = options(words=0.3, split_pieces=0.2, rare_words=0.1)
    return lambda: TextSampler(TEXTS, data, reader, SHAPE, batch_tokens=150, seed=1)


def same(one: LabelledBatch, other: LabelledBatch) -> bool:
    return torch.equal(one.texts.tokens_BS, other.texts.tokens_BS) and torch.equal(one.labels_B, other.labels_B)


@pytest.mark.parametrize("given_before", [0, 1, 5, 17])
def test_it_goes_on_from_any_place(make, given_before: int) -> None:
    first, second = make(), make()
    for _ in range(given_before):
        next(first)
    second.restore(first.state())
    assert second.epochs == first.epochs
    assert all(same(next(first), next(second)) for _ in range(20))


def test_an_epoch_is_as_many_texts_as_there_are(make) -> None:
    sampler, drawn = make(), 0
    while sampler.epochs < 64 / len(TEXTS):
        drawn += len(next(sampler).texts)
    assert drawn == 64


def test_batches_keep_their_size(make) -> None:
    sampler = make()
    pool = sampler.pool(0)
    assert sum(len(batch.texts) for batch in pool) == 64
    for batch in pool:
        rows, width = batch.texts.tokens_BS.shape
        assert rows == 1 or rows * (width + 1) <= 150
        assert width <= 20 and batch.texts.lengths_B.min() >= 1
    assert not all(same(one, other) for one, other in zip(pool, sampler.pool(1), strict=False))


def test_a_batch_quotes_its_texts(make) -> None:
    batches = [batch for batch in make().pool(0) if len(batch.texts) > 3]
    assert batches[0].describe().endswith(f" and {len(batches[0].texts) - 3} more")


@pytest.mark.parametrize(("temper", "share"), [(1.0, 10 / 170), (0.5, 1 / 5), (0.0, 1 / 2)])
def test_labels_are_tempered(temper: float, share: float) -> None:
    counts = Counter(label for label, _ in draw(TEXTS, options(temper=temper), [1], 4000))
    assert counts[1] / 4000 == pytest.approx(share, abs=0.03)


def test_rare_words_are_drawn_alike() -> None:
    texts = LabelledTexts({"a": ["ja ja ja ja ja ja ja nein"], "b": ["yes"]})
    counts = Counter(text for _, text in draw(texts, options(temper=0, rare_words=1.0), [1], 2000))
    assert counts.keys() == {"ja", "nein", "yes"}
    assert counts["ja"] / counts["nein"] == pytest.approx(1, abs=0.25)


def test_held_out_texts_come_once_each() -> None:
    found = list(draw_each(TEXTS, options(), ("aa", "bb"), 1))
    assert sorted(text for _, text in found) == sorted([*TEXTS.texts["aa"], *TEXTS.texts["bb"]])
    assert {label for label, _ in found} == {0, 1}


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.integers(1, 60))
def test_every_text_is_in_one_batch(lengths: list[int], most: int) -> None:
    drawn = [(index, "x" * length) for index, length in enumerate(lengths)]
    batches = list(cut_batches(drawn, lambda texts: [[4] * len(text) for text in texts], most))
    assert sorted(label for batch in batches for label in batch.labels_B.tolist()) == list(range(len(lengths)))
    for batch in batches:
        assert [lengths[label] for label in batch.labels_B.tolist()] == batch.texts.lengths_B.tolist()
