"""The pure update against an independent one that sorts plain lists."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.search.update import best_candidates, update
from nmt.vocabulary import EOS

DEAD = -np.inf


def plain_update(scores, tokens, logs, beam_size):
    """One sentence: (living, ended) as lists of (score, parent, token, log-probability), best first."""
    candidates = [
        (scores[parent] + logs[parent][place], parent, tokens[parent][place], logs[parent][place])
        for parent in range(len(scores))
        for place in range(len(tokens[parent]))
        if scores[parent] + logs[parent][place] > DEAD
    ]
    candidates.sort(key=lambda c: (-c[0], c[2], c[1]))
    ended = [c for c in candidates[:beam_size] if c[2] == EOS]
    return [c for c in candidates if c[2] != EOS][:beam_size], ended


def alive(candidates, sentence):
    columns = [values[sentence].tolist() for values in candidates]
    return [row for row in zip(*columns, strict=True) if row[0] > DEAD]


@st.composite
def steps(draw):
    """Random beams in which ties, dead rows and impossible continuations are common."""
    sentences, beam_size, width = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 6))
    rows = draw(st.integers(1, beam_size))
    value = st.sampled_from([DEAD, -3.0, -2.0, -1.5, -1.0, -0.5, -0.25])
    scores = draw(st.lists(st.lists(value, min_size=rows, max_size=rows), min_size=sentences, max_size=sentences))
    logs = [[sorted(draw(st.lists(value, min_size=width, max_size=width)), reverse=True) for _ in r] for r in scores]
    ids = st.lists(st.integers(2, 8), min_size=width, max_size=width, unique=True)
    tokens = [[draw(ids) for _ in row] for row in scores]
    return scores, tokens, logs, beam_size


@given(steps())
@settings(max_examples=200, deadline=None)
def test_it_agrees_with_sorting_plain_lists(step) -> None:
    scores, tokens, logs, beam_size = step
    found = update(torch.tensor(scores), torch.tensor(tokens), torch.tensor(logs), beam_size)
    for sentence in range(len(scores)):
        living, ended = plain_update(scores[sentence], tokens[sentence], logs[sentence], beam_size)
        assert alive(found.living, sentence) == living
        assert alive(found.ended, sentence) == ended
    for candidates in found:
        assert all(values.shape == (len(scores), beam_size) for values in candidates)


def test_continuous_scores_agree_too() -> None:
    rng = np.random.default_rng(0)
    scores, logs = -rng.random((5, 4)), -np.sort(rng.random((5, 4, 5)))
    tokens = rng.permuted(np.broadcast_to(np.arange(2, 9), (5, 4, 7)), axis=2)[:, :, :5]
    found = update(torch.tensor(scores), torch.tensor(tokens), torch.tensor(logs), 4)
    for sentence in range(5):
        living, ended = plain_update(scores[sentence].tolist(), tokens[sentence].tolist(), logs[sentence].tolist(), 4)
        assert alive(found.living, sentence) == living
        assert alive(found.ended, sentence) == ended


def test_an_end_beyond_the_first_k_neither_ends_nor_lives() -> None:
    found = update(torch.zeros(1, 1), torch.tensor([[[5, 6, EOS]]]), torch.tensor([[[-1.0, -2.0, -3.0]]]), 2)
    assert alive(found.ended, 0) == []
    assert [row[2] for row in alive(found.living, 0)] == [5, 6]


def test_an_ended_one_is_replaced_so_that_k_live_on() -> None:
    found = update(torch.zeros(1, 1), torch.tensor([[[EOS, 5, 6]]]), torch.tensor([[[-1.0, -2.0, -3.0]]]), 2)
    assert [row[2] for row in alive(found.ended, 0)] == [EOS]
    assert [row[2] for row in alive(found.living, 0)] == [5, 6]


def test_ties_go_to_the_lower_token_then_to_the_better_parent() -> None:
    tokens = torch.tensor([[[7, 5], [5, 6]]])
    found = best_candidates(torch.zeros(1, 2), tokens, torch.full((1, 2, 2), -1.0), 4)
    assert found.tokens_BK.tolist() == [[5, 5, 6, 7]]
    assert found.parents_BK.tolist() == [[0, 1, 1, 0]]


def test_a_tie_across_the_cut_is_settled_as_well() -> None:
    found = best_candidates(torch.zeros(1, 1), torch.tensor([[[9, 4]]]), torch.full((1, 1, 2), -1.0), 1)
    assert found.tokens_BK.tolist() == [[4]]


def test_sentences_do_not_touch_each_other() -> None:
    rng = torch.Generator().manual_seed(3)
    scores, logs = torch.randn(4, 3, generator=rng), torch.randn(4, 3, 4, generator=rng)
    tokens = torch.randint(2, 9, (4, 3, 4), generator=rng)
    together = update(scores, tokens, logs, 3)
    for sentence in range(4):
        apart = update(*(x[sentence : sentence + 1] for x in (scores, tokens, logs)), 3)
        for whole, alone in zip(together, apart, strict=True):
            assert all(torch.equal(a[sentence : sentence + 1], b) for a, b in zip(whole, alone, strict=True))
