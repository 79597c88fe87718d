"""The laws of search, on tables."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.errors import InputError
from nmt.search import search
from nmt.search.beam import BeamSearch
from nmt.vocabulary import EOS
from tests.fakes.greedy import greedy
from tests.fakes.table import TableScorer, attention_row, fixed_table, random_table

SOURCES = [(5, 6, EOS), (EOS,), (4, 5, 6, 7, 8, EOS), (6, 5, EOS), (9, 9, 9, 9, EOS)]
seeds = st.integers(0, 10**6)


def found(table, options, sources=SOURCES, prefixes=None):
    return search(TableScorer(table), Batch.of(sources), options, prefixes)


def same(first, second) -> bool:
    """Equal in every field, bit for bit."""
    return len(first) == len(second) and all(
        (a.tokens, a.token_log_probabilities, a.rank_score) == (b.tokens, b.token_log_probabilities, b.rank_score)
        and np.array_equal(a.attention_TS, b.attention_TS)
        for a, b in zip(first, second, strict=True)
    )


def brute_force(table, source, options):
    """(rank, tokens) of every sequence up to the limit, best first, equal ones by their tokens."""
    words = [token for token in range(len(table(source, ()))) if table(source, ())[token] > -math.inf and token != EOS]
    ranked = []
    for length in range(1, options.length_limit(len(source)) + 1):
        for said in itertools.product(words, repeat=length - 1):
            tokens = (*said, EOS)
            total = sum(table(source, tokens[:at])[tokens[at]] for at in range(length))
            ranked.append((-total / length**options.length_penalty, tokens))
    return [(-rank, tokens) for rank, tokens in sorted(ranked)]


@given(seeds, st.sampled_from([0, 2]), st.sampled_from([1, 3, 7]), st.sampled_from([0, 1, 2]))
@settings(max_examples=40, deadline=None)
def test_a_beam_of_one_is_greedy(seed, levels, min_length, ngram) -> None:
    table = random_table(seed, levels=levels, end_weight=0.3)
    options = SearchOptions(beam_size=1, max_length=9, min_length=min_length, no_repeat_ngram=ngram)
    for source, hypotheses in zip(SOURCES, found(table, options), strict=True):
        limit = options.length_limit(len(source))
        tokens, logs = greedy(lambda said, source=source: table(source, said), limit, options)
        assert [(h.tokens, h.token_log_probabilities) for h in hypotheses] == [(tokens, logs)]


@given(seeds, st.sampled_from([0, 2]), st.sampled_from([0.0, 0.6, 1.0]))
@settings(max_examples=25, deadline=None)
def test_a_beam_as_wide_as_the_space_is_brute_force(seed, levels, alpha) -> None:
    table = random_table(seed, levels=levels)
    options = SearchOptions(beam_size=64, n_best=64, max_length=4, length_penalty=alpha)
    for source, hypotheses in zip(SOURCES, found(table, options), strict=True):
        expected = brute_force(table, source, options)
        assert [(h.rank_score, h.tokens) for h in hypotheses] == expected


@given(seeds, st.integers(1, 5), st.sampled_from([0, 2]))
@settings(max_examples=25, deadline=None)
def test_a_batch_is_one_by_one(seed, beam_size, levels) -> None:
    table = random_table(seed, levels=levels, end_weight=0.5)
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length=8, no_repeat_ngram=2)
    for source, together in zip(SOURCES, found(table, options), strict=True):
        assert same(together, found(table, options, [source])[0])


@given(seeds, st.integers(1, 4), st.lists(st.integers(0, 3), min_size=5, max_size=5))
@settings(max_examples=25, deadline=None)
def test_joining_a_running_search_is_searching_apart(seed, beam_size, waits) -> None:
    table = random_table(seed, end_weight=0.4)
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length=9, no_repeat_ngram=3)
    running, results, tickets = BeamSearch(TableScorer(table), options), {}, []
    for source, wait in zip(SOURCES, waits, strict=True):
        tickets += running.add(Batch.of([source]))
        for _ in range(wait):
            running.advance()
            results |= running.finished()
    while running.running:
        running.advance()
    results |= running.finished()
    for ticket, apart in zip(tickets, found(table, options), strict=True):
        assert same(results[ticket], apart)


def test_dropped_sentences_are_gone_and_the_others_do_not_notice() -> None:
    table, options = random_table(3, end_weight=0.05), SearchOptions(beam_size=3, max_length=9)
    running = BeamSearch(TableScorer(table), options)
    tickets = running.add(Batch.of(SOURCES[:3]))
    running.advance()
    later = running.add(Batch.of(SOURCES[3:]))
    running.drop([tickets[1], later[0], 12345])
    assert running.running == 3
    results = {}
    while running.running:
        running.advance()
        results |= running.finished()
    assert sorted(results) == [tickets[0], tickets[2], later[1]]
    expected = found(table, options)
    assert same(results[tickets[0]], expected[0])
    assert same(results[tickets[2]], expected[2])
    assert same(results[later[1]], expected[4])


def test_dropping_all_or_what_has_finished_leaves_nothing() -> None:
    running = BeamSearch(TableScorer(random_table(1)), SearchOptions(beam_size=2, max_length=1))
    tickets = running.add(Batch.of(SOURCES))
    running.drop(tickets[:2])
    running.advance()
    running.drop(tickets[2:4])
    assert list(running.finished()) == [tickets[4]]
    running.drop(running.add(Batch.of(SOURCES)))
    assert running.running == 0
    running.advance()
    assert running.finished() == {}


def test_results_are_handed_out_once() -> None:
    running = BeamSearch(TableScorer(random_table(1)), SearchOptions(max_length=1))
    assert running.add(Batch.of(SOURCES)) != running.add(Batch.of(SOURCES))
    running.advance()
    assert len(running.finished()) == 2 * len(SOURCES)
    assert running.finished() == {}


@given(seeds, st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_what_is_returned_is_what_the_table_says(seed, beam_size) -> None:
    table = random_table(seed, end_weight=0.4)
    for source, hypotheses in zip(
        SOURCES, found(table, SearchOptions(beam_size=beam_size, n_best=beam_size, max_length=8)), strict=True
    ):
        for hypothesis in hypotheses:
            tokens = hypothesis.tokens
            logs = tuple(table(source, tokens[:at])[token] for at, token in enumerate(tokens))
            rows = np.stack([attention_row(source, tokens[:at]) for at in range(len(tokens))])
            assert hypothesis.token_log_probabilities == logs
            assert hypothesis.rank_score == sum(logs) / len(tokens)
            assert hypothesis.attention_TS.dtype == np.float32
            assert np.array_equal(hypothesis.attention_TS, rows)
            assert np.allclose(hypothesis.attention_TS.sum(axis=1), 1)


def test_without_attention_there_is_none() -> None:
    scorer = TableScorer(random_table(2), attention=False)
    (hypotheses,) = search(scorer, Batch.of(SOURCES[:1]), SearchOptions(beam_size=2, max_length=4))
    assert hypotheses[0].attention_TS is None


@given(seeds, st.integers(2, 6))
@settings(max_examples=20, deadline=None)
def test_n_best_are_different_and_in_order(seed, beam_size) -> None:
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length=7)
    for hypotheses in found(random_table(seed), options):
        assert len(hypotheses) == beam_size
        assert len({h.tokens for h in hypotheses}) == beam_size
        ranks = [h.rank_score for h in hypotheses]
        assert ranks == sorted(ranks, reverse=True)
        assert all(h.tokens.count(EOS) == 1 and h.tokens[-1] == EOS for h in hypotheses)


def test_fewer_n_best_are_the_first_of_more() -> None:
    table = random_table(5)
    more = found(table, SearchOptions(beam_size=4, n_best=4, max_length=7))
    fewer = found(table, SearchOptions(beam_size=4, n_best=2, max_length=7))
    assert all(same(few, many[:2]) for few, many in zip(fewer, more, strict=True))


@given(seeds, st.integers(1, 4), st.integers(1, 6), st.integers(0, 3))
@settings(max_examples=25, deadline=None)
def test_lengths_keep_their_bounds(seed, beam_size, min_length, more) -> None:
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, min_length=min_length, max_length=min_length + more)
    for hypotheses in found(random_table(seed), options):
        assert hypotheses
        assert all(min_length <= len(h.tokens) <= min_length + more for h in hypotheses)


def test_the_source_length_bounds_the_target() -> None:
    never_ends = random_table(7, end_weight=1e-9)
    options = SearchOptions(beam_size=2, max_length=14, max_length_ratio=1.0, min_length=14)
    lengths = [len(hypotheses[0].tokens) for hypotheses in found(never_ends, options)]
    assert lengths == [13, 11, 14, 13, 14]


def test_a_limit_of_one_leaves_the_end_symbol_alone() -> None:
    table = random_table(8)
    for source, hypotheses in zip(SOURCES, found(table, SearchOptions(beam_size=3, max_length=1)), strict=True):
        assert [h.tokens for h in hypotheses] == [(EOS,)]
        assert hypotheses[0].log_probability == table(source, ())[EOS]


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("beam_size", [1, 3])
def test_no_ngram_occurs_twice(size, beam_size) -> None:
    table = random_table(11, vocabulary_size=12 if size == 1 else 7, end_weight=0.02)
    limits = {"beam_size": beam_size, "n_best": beam_size, "max_length": 8}
    repeating = found(table, SearchOptions(**limits))
    assert any(_repeats(h.tokens, size) for hypotheses in repeating for h in hypotheses)
    for hypotheses in found(table, SearchOptions(**limits, no_repeat_ngram=size)):
        assert hypotheses
        assert not any(_repeats(h.tokens, size) for h in hypotheses)


def _repeats(tokens, size) -> bool:
    ngrams = [tokens[at : at + size] for at in range(len(tokens) - size + 1)]
    return len(ngrams) > len(set(ngrams))


def test_a_wide_beam_under_constraints_is_brute_force_filtered() -> None:
    table, source = random_table(13), (5, 6, EOS)
    options = SearchOptions(beam_size=64, n_best=64, max_length=4, min_length=3, no_repeat_ngram=1)
    expected = [
        (rank, tokens)
        for rank, tokens in brute_force(table, source, options)
        if len(tokens) >= 3 and not _repeats(tokens, 1)
    ]
    (hypotheses,) = found(table, options, [source])
    assert [(h.rank_score, h.tokens) for h in hypotheses] == expected


@given(seeds, st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_a_prefix_is_kept_and_its_probability_counts(seed, beam_size) -> None:
    table, prefixes = random_table(seed), [(4, 4), (), (6,), (5, 4, 5), ()]
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length=6, no_repeat_ngram=1)
    without = found(table, options)
    for place, hypotheses in enumerate(found(table, options, prefixes=prefixes)):
        source, prefix = SOURCES[place], prefixes[place]
        assert hypotheses
        if not prefix:
            assert same(hypotheses, without[place])
        for hypothesis in hypotheses:
            tokens = hypothesis.tokens
            assert tokens[: len(prefix)] == prefix
            logs = tuple(table(source, tokens[:at])[token] for at, token in enumerate(tokens))
            assert hypothesis.token_log_probabilities == logs
        assert len({h.tokens for h in hypotheses}) == len(hypotheses)


def test_a_wide_beam_with_a_prefix_is_brute_force_filtered() -> None:
    table, source, prefix = random_table(17), (5, 6, EOS), (6, 4)
    options = SearchOptions(beam_size=64, n_best=64, max_length=4)
    expected = [pair for pair in brute_force(table, source, options) if pair[1][:2] == prefix]
    (hypotheses,) = found(table, options, [source], [prefix])
    assert [(h.rank_score, h.tokens) for h in hypotheses] == expected


def test_a_prefix_that_can_not_be_followed_is_refused() -> None:
    running = BeamSearch(TableScorer(random_table(1)), SearchOptions(max_length=3))
    with pytest.raises(InputError, match="end symbol"):
        running.add(Batch.of(SOURCES[:1]), [(4, EOS)])
    with pytest.raises(InputError, match="3 tokens, expected at most 2"):
        running.add(Batch.of(SOURCES[:1]), [(4, 5, 6)])
    assert running.running == 0


def test_the_beam_finds_what_greedy_misses() -> None:
    table = fixed_table({(): {4: 0.6, 5: 0.4}, (4,): {6: 0.5, 7: 0.5}, (5,): {6: 1.0}})
    assert found(table, SearchOptions(beam_size=1), [(EOS,)])[0][0].tokens == (4, 6, EOS)
    (hypotheses,) = found(table, SearchOptions(beam_size=2, n_best=2), [(EOS,)])
    assert hypotheses[0].tokens == (5, 6, EOS)
    assert math.isclose(hypotheses[0].log_probability, math.log(0.4))


def test_ties_go_to_the_lower_token_ids() -> None:
    table = fixed_table({(): {4: 0.25, 5: 0.25, 6: 0.25, 7: 0.25}})
    (hypotheses,) = found(table, SearchOptions(beam_size=3, n_best=3), [(EOS,)])
    assert [h.tokens for h in hypotheses] == [(4, EOS), (5, EOS), (6, EOS)]


def test_impossible_sentences_end_with_nothing() -> None:
    table = fixed_table({(): {4: 1.0}, (4,): {4: 1.0}})
    options = SearchOptions(beam_size=2, no_repeat_ngram=1, min_length=3)
    assert found(table, options, [(EOS,)]) == [[]]


@pytest.mark.parametrize("beam_size", [1, 3])
def test_where_all_else_is_forbidden_the_end_is_the_way_out(beam_size) -> None:
    table = random_table(2)
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length=9, min_length=9, no_repeat_ngram=1)
    prefixes = [(), (5,), (), (4, 6), ()]
    for source, prefix, hypotheses in zip(SOURCES, prefixes, found(table, options, prefixes=prefixes), strict=True):
        assert hypotheses
        for hypothesis in hypotheses:
            tokens = hypothesis.tokens
            assert sorted(tokens) == [EOS, 4, 5, 6]
            assert tokens[: len(prefix)] == prefix
            assert hypothesis.log_probability == sum(table(source, tokens[:at])[t] for at, t in enumerate(tokens))


def test_the_way_out_waits_until_no_row_of_the_sentence_lives() -> None:
    table = fixed_table({(): {4: 0.6, 5: 0.4}, (4,): {4: 0.9, EOS: 0.1}, (5,): {6: 1.0}})
    options = SearchOptions(beam_size=2, n_best=2, min_length=3, no_repeat_ngram=1)
    (hypotheses,) = found(table, options, [(EOS,)])
    assert [h.tokens for h in hypotheses] == [(5, 6, EOS)]


def test_an_impossible_prefix_is_not_left_for_the_way_out() -> None:
    table = fixed_table({(): {4: 0.5, EOS: 0.5}})
    assert found(table, SearchOptions(beam_size=2, min_length=4), [(EOS,)], [(6, 7)]) == [[]]


def test_rows_of_a_sentence_stand_together_and_finished_ones_leave() -> None:
    scorer = TableScorer(random_table(19, end_weight=0.3))
    running = BeamSearch(scorer, SearchOptions(beam_size=3, max_length=8))
    running.add(Batch.of(SOURCES[:3]))
    while running.running:
        before = len(scorer.calls)
        running.advance()
        for sources, k in scorer.calls[before:]:
            assert k == 4
            runs = [len(list(rows)) for _, rows in itertools.groupby(sources)]
            assert set(runs) == {1 if before == 0 else 3}
    sizes = [len(sources) for sources, _ in scorer.calls]
    assert sizes[0] == 3
    assert sizes[1:] == sorted(sizes[1:], reverse=True)


def test_a_search_that_never_pauses_keeps_no_history_of_those_gone() -> None:
    running = BeamSearch(TableScorer(random_table(23)), SearchOptions(beam_size=2, max_length=6, no_repeat_ngram=2))
    for _ in range(20):
        running.add(Batch.of(SOURCES[:1]))
        running.advance()
        assert running._running is None or running._running.history_NT.shape[1] < 6


def test_greedy_asks_for_the_best_token_alone() -> None:
    scorer = TableScorer(random_table(19))
    search(scorer, Batch.of(SOURCES), SearchOptions(beam_size=1, max_length=4))
    assert {k for _, k in scorer.calls} == {1}
