"""Padding, lengths and mask say the same."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nmt.batch import Batch
from nmt.vocabulary import PAD

SENTENCES = st.lists(st.lists(st.integers(1, 99), min_size=1, max_size=9), min_size=1, max_size=6)


@given(SENTENCES)
def test_each_row_is_its_sentence_and_then_padding(sentences: list[list[int]]) -> None:
    batch = Batch.of(sentences)
    assert len(batch) == len(sentences)
    assert batch.tokens_BS.shape == (len(sentences), max(map(len, sentences)))
    for row, length, sentence in zip(batch.tokens_BS.tolist(), batch.lengths_B.tolist(), sentences, strict=True):
        assert row[:length] == sentence
        assert set(row[length:]) <= {PAD}


@given(SENTENCES)
def test_the_mask_is_true_at_real_tokens(sentences: list[list[int]]) -> None:
    batch = Batch.of(sentences)
    assert torch.equal(batch.mask_BS, batch.tokens_BS != PAD)
    assert torch.equal(batch.mask_BS.sum(dim=1), batch.lengths_B)


def test_a_moved_batch_is_the_same() -> None:
    batch = Batch.of([[5, 6], [7]])
    moved = batch.to("cpu")
    assert torch.equal(moved.tokens_BS, batch.tokens_BS)
    assert torch.equal(moved.lengths_B, batch.lengths_B)
    assert batch.tokens_BS.dtype == batch.lengths_B.dtype == torch.int64


@pytest.mark.parametrize("sentences", [[], [[]], [[4], []]])
def test_an_empty_sentence_is_refused(sentences: list[list[int]]) -> None:
    with pytest.raises(AssertionError):
        Batch.of(sentences)
