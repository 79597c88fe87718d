"""The numpy engine is the torch model, one text at a time and in batches."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nmt.batch import Batch
from nmt.identification.engine import ClassifierEngine

TEXTS = st.lists(st.lists(st.integers(0, 399), min_size=1, max_size=12), min_size=1, max_size=6)


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_it_is_the_torch_model_and_a_batch_is_one_by_one(make, pooling: str) -> None:
    model, artifact = make(pooling)
    engine = ClassifierEngine(artifact.weights, pooling)

    @given(TEXTS)
    def law(texts: list[list[int]]) -> None:
        with torch.inference_mode():
            wanted_BL = model(Batch.of(texts)).numpy()
        np.testing.assert_allclose(engine.batch_logits(texts), wanted_BL, atol=1e-5, rtol=1e-5)
        for ids, wanted_L in zip(texts, wanted_BL, strict=True):
            np.testing.assert_allclose(engine.logits(ids), wanted_L, atol=1e-5, rtol=1e-5)

    law()


def test_it_changes_nothing_that_it_holds(make) -> None:
    engine = ClassifierEngine(make()[1].weights, "mean")
    first = engine.logits([5, 6, 7])
    engine.logits([9])
    engine.batch_logits([[3, 4], [8]])
    np.testing.assert_array_equal(engine.logits([5, 6, 7]), first)
