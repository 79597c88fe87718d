"""Laws of choosing the next tokens: bans and forced tokens act on what they name, ties are in the order of ids."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nmt.engine.candidates import apply_bans, top_k
from nmt.search.scorer import Bans

NO_PAIRS = torch.zeros(0, dtype=torch.int64)


def test_bans_overwrite_what_they_name_and_nothing_else() -> None:
    logits_NV = torch.arange(12.0).reshape(3, 4)
    apply_bans(logits_NV, torch.tensor([0]), None)
    inf = float("inf")
    assert logits_NV.tolist() == [[-inf, 1, 2, 3], [-inf, 5, 6, 7], [-inf, 9, 10, 11]]
    apply_bans(logits_NV, NO_PAIRS, Bans(torch.tensor([1, 2]), torch.tensor([1, 3])))
    assert logits_NV.tolist() == [[-inf, 1, 2, 3], [-inf, -inf, 6, 7], [-inf, 9, 10, -inf]]


def test_what_is_forced_wins_over_what_is_forbidden() -> None:
    logits_NV = torch.arange(12.0).reshape(3, 4)
    apply_bans(logits_NV, torch.tensor([0]), Bans(torch.tensor([1, 2]), torch.tensor([1, 3]), torch.tensor([0, 1, -1])))
    inf = float("inf")
    assert logits_NV.tolist() == [[0, -inf, -inf, -inf], [-inf, 5, -inf, -inf], [-inf, 9, 10, -inf]]


@given(
    st.lists(st.lists(st.sampled_from([-float("inf"), 0.0, 1.0, 2.0]), min_size=6, max_size=6), min_size=1),
    st.integers(1, 8),
)
def test_ties_are_in_the_order_of_ids(scores: list[list[float]], k: int) -> None:
    values_NK, places_NK = top_k(torch.tensor(scores), k)
    for row, values, places in zip(scores, values_NK.tolist(), places_NK.tolist(), strict=True):
        expected = sorted(range(6), key=lambda place: (-row[place], place))[:k]
        assert values == [row[place] for place in expected]
        finite = sum(value > -float("inf") for value in values)
        assert places[:finite] == expected[:finite]
        assert sorted(set(places)) == sorted(places)


def test_rows_with_a_single_candidate_are_not_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    scores_NV = torch.full((4, 9), -torch.inf)
    scores_NV[:, 5] = torch.arange(4.0)
    monkeypatch.setattr(torch.Tensor, "sort", None)
    values_NK, places_NK = top_k(scores_NV, 3)
    assert places_NK[:, 0].tolist() == [5, 5, 5, 5]
    assert values_NK[:, 0].tolist() == [0, 1, 2, 3]
