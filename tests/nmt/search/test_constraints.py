import numpy as np
import torch

from nmt.config import SearchOptions
from nmt.search.constraints import (
    FREE,
    MinimumLength,
    NoRepeatedNgram,
    Progress,
    constraints_of,
    end_at_limit,
    ended_where_stuck,
    follow_prefix,
    go_on_with_terms,
    joint_bans,
)
from nmt.vocabulary import EOS


def progress(lengths, limits=None, prefixes=None, history=None, rows_per_sentence=1):
    count = len(lengths)
    if history is None:
        history = np.zeros((count * rows_per_sentence, 0), dtype=np.int64)
    return Progress(
        np.array(lengths),
        np.array(limits or [100] * count),
        prefixes or [()] * count,
        np.array(history, dtype=np.int64),
    )


def pairs(bans):
    return sorted(zip(bans.rows_P.tolist(), bans.tokens_P.tolist(), strict=True))


def test_the_limit_forces_the_end_as_the_last_token_allowed() -> None:
    assert end_at_limit(progress([3, 4], [5, 6])) is None
    assert end_at_limit(progress([4, 3], [5, 5])).forced_N.tolist() == [EOS, FREE]
    assert end_at_limit(progress([0], [1])).forced_N.tolist() == [EOS]


def test_every_row_of_a_sentence_gets_the_same_bans() -> None:
    bans = end_at_limit(progress([4, 0], [5, 5], rows_per_sentence=3))
    assert bans.forced_N.tolist() == [EOS] * 3 + [FREE] * 3
    bans = MinimumLength(2)(progress([1, 0], rows_per_sentence=2))
    assert pairs(bans) == [(2, EOS), (3, EOS)]


def test_a_prefix_is_followed_to_its_end_and_no_further() -> None:
    prefixes = [(5, 6), (), (7,)]
    assert follow_prefix(progress([0, 0, 0], prefixes=prefixes)).forced_N.tolist() == [5, FREE, 7]
    assert follow_prefix(progress([1, 1, 1], prefixes=prefixes)).forced_N.tolist() == [6, FREE, FREE]
    assert follow_prefix(progress([2, 2, 2], prefixes=prefixes)) is None
    assert follow_prefix(progress([0, 0])) is None


def test_a_minimum_counts_the_end_symbol() -> None:
    assert pairs(MinimumLength(3)(progress([1]))) == [(0, EOS)]
    assert MinimumLength(3)(progress([2])) is None


def plain_ngram_bans(row, size):
    """The tokens that would complete an n-gram that the row has already."""
    row = [token for token in row if token >= 0]
    ngrams = {tuple(row[at : at + size]) for at in range(len(row) - size + 1)}
    return {token for token in range(20) if (*(row[len(row) - size + 1 :]), token) in ngrams and len(row) >= size}


def test_ngram_bans_agree_with_a_plain_search() -> None:
    rng = np.random.default_rng(0)
    for size in (1, 2, 3):
        history = rng.integers(4, 7, (40, 9))
        for row in range(40):
            history[row, : rng.integers(0, 10)] = -1
        bans = NoRepeatedNgram(size)(progress([0] * 40, history=history))
        expected = {(row, token) for row in range(40) for token in plain_ngram_bans(history[row], size)}
        assert set(pairs(bans)) == expected


def test_short_histories_have_nothing_to_repeat() -> None:
    assert NoRepeatedNgram(3)(progress([2], history=[[4, 4]])) is None
    assert NoRepeatedNgram(1)(progress([0])) is None
    assert NoRepeatedNgram(2)(progress([3], history=[[4, 5, 6]])) is None


def test_bans_add_up_and_the_first_to_force_wins() -> None:
    now = progress([1, 1], limits=[2, 9], prefixes=[(5, 6), (5, 6)])
    bans = joint_bans([end_at_limit, follow_prefix, MinimumLength(3)], now)
    assert bans.forced_N.tolist() == [EOS, 6]
    assert pairs(bans) == [(0, EOS), (1, EOS)]
    assert joint_bans([end_at_limit, follow_prefix], progress([1, 1])) is None


def test_stuck_rows_end_unless_something_else_is_forced_upon_them() -> None:
    bans = joint_bans([follow_prefix, MinimumLength(3)], progress([0, 0, 0], prefixes=[(), (7,), ()]))
    ending = ended_where_stuck(bans, torch.tensor([True, True, False]))
    assert ending.forced_N.tolist() == [EOS, 7, FREE]
    assert pairs(ending) == pairs(bans)
    assert ended_where_stuck(bans, torch.tensor([False, True, False])) is None
    unforced = joint_bans([MinimumLength(3)], progress([0, 0]))
    assert ended_where_stuck(unforced, torch.tensor([False, True])).forced_N.tolist() == [FREE, EOS]


def test_only_what_is_switched_on_is_asked() -> None:
    always = (end_at_limit, follow_prefix, go_on_with_terms)
    assert constraints_of(SearchOptions()) == always
    rules = constraints_of(SearchOptions(min_length=4, no_repeat_ngram=3))
    assert rules == (*always, MinimumLength(4), NoRepeatedNgram(3))


def test_bans_hold_int64() -> None:
    bans = joint_bans([end_at_limit, MinimumLength(9)], progress([4], [5]))
    assert bans.rows_P.dtype == bans.tokens_P.dtype == bans.forced_N.dtype == torch.int64
