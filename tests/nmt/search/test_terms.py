"""Terms that a target has to say: each once, as given, where attention says, whatever the model would rather do."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.search import BeamSearch, Term, search
from nmt.search.terms import NO_TERM, Promise
from nmt.vocabulary import EOS
from tests.fakes.table import TableScorer, attention_row, fixed_table, random_table

SOURCE = (5, 6, 7, EOS)
terms = st.lists(
    st.builds(
        Term,
        first=st.integers(0, 2),
        last=st.just(3),
        tokens=st.lists(st.integers(4, 6), min_size=1, max_size=2).map(tuple),
        exclusive=st.just(False),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


def said(hypothesis) -> dict[int, tuple[int, ...]]:
    """Term -> its tokens, as they stand in the hypothesis."""
    numbers = set(hypothesis.terms) - {NO_TERM}
    pairs = list(zip(hypothesis.tokens, hypothesis.terms, strict=True))
    return {number: tuple(token for token, term in pairs if term == number) for number in numbers}


@given(st.integers(0, 10**6), terms, st.sampled_from([1, 3]), st.booleans(), st.sampled_from([0, 2]))
@settings(max_examples=40, deadline=None)
def test_every_hypothesis_says_every_term_once(seed, terms, beam_size, attention, ngram) -> None:
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length=9, no_repeat_ngram=ngram)
    scorer = TableScorer(random_table(seed), attention=attention)
    (found,) = search(scorer, Batch.of([SOURCE]), options, terms=[terms])
    assert found
    for hypothesis in found:
        assert said(hypothesis) == {number: term.tokens for number, term in enumerate(terms)}
        numbers = [term for term in hypothesis.terms if term != NO_TERM]
        assert sorted(numbers, key=numbers.index) == numbers, "a term is said in one go"
        assert hypothesis.tokens[-1] == EOS and len(hypothesis.tokens) <= 9


@given(st.integers(0, 10**6), terms, st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_neighbours_with_and_without_terms_do_not_notice_each_other(seed, terms, wait) -> None:
    table, options = random_table(seed, end_weight=0.4), SearchOptions(beam_size=3, n_best=3, max_length=9)
    together = BeamSearch(TableScorer(table), options)
    tickets = together.add(Batch.of([SOURCE, (9, EOS)]), terms=[terms, ()])
    for _ in range(wait):
        together.advance()
    tickets += together.add(Batch.of([(8, 8, EOS)]), terms=[terms[:1]] if terms[0].last <= 3 else None)
    while together.running:
        together.advance()
    found = together.finished()
    for ticket, source, owed in zip(tickets, [SOURCE, (9, EOS), (8, 8, EOS)], [terms, (), terms[:1]], strict=True):
        (apart,) = search(TableScorer(table), Batch.of([source]), options, terms=[owed])
        assert [(h.tokens, h.terms, h.rank_score) for h in found[ticket]] == [
            (h.tokens, h.terms, h.rank_score) for h in apart
        ]
        assert all(np.array_equal(h.attention_TS, a.attention_TS) for h, a in zip(found[ticket], apart, strict=True))


@given(st.integers(0, 10**6), st.sampled_from([1, 4]))
@settings(max_examples=20, deadline=None)
def test_the_token_of_an_exclusive_term_stands_there_alone(seed, beam_size) -> None:
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length=8)
    (found,) = search(
        TableScorer(random_table(seed)), Batch.of([SOURCE]), options, terms=[(Term(1, 2, (4,), exclusive=True),)]
    )
    assert all(hypothesis.tokens.count(4) == 1 for hypothesis in found)


def test_what_a_prefix_says_is_not_owed_but_for_exclusive_terms() -> None:
    terms = [Term(0, 1, (4, 5)), Term(1, 2, (4, 5)), Term(2, 3, (6,), exclusive=True)]
    assert Promise.of(terms, (7, 4, 5, 6)).unsaid == (1, 2)
    options = SearchOptions(beam_size=2, n_best=2, max_length=9)
    scorer = TableScorer(random_table(1))
    (found,) = search(scorer, Batch.of([SOURCE]), options, [(4, 5, 6)], terms=[tuple(terms)])
    for hypothesis in found:
        assert hypothesis.tokens[:3] == (4, 5, 6)
        assert said(hypothesis) == {1: (4, 5), 2: (6,)}


def test_a_term_is_begun_where_attention_rests_on_its_source() -> None:
    promise = Promise.of([Term(0, 1, (4, 5)), Term(2, 3, (6,))])
    assert promise.due(np.array([0.1, 0.2, 0.6, 0.1], dtype=np.float32), best_token=9, room=9) == 1
    assert promise.due(np.array([0.3, 0.3, 0.3, 0.1], dtype=np.float32), best_token=9, room=9) == NO_TERM
    assert promise.due(None, best_token=4, room=9) == 0
    assert promise.due(None, best_token=EOS, room=9) == 0
    assert promise.due(None, best_token=9, room=4) == 0
    begun = promise.beginning(1)
    assert begun.next_token == 6 and begun.owed == 3
    assert begun.stepped().next_token is None and begun.stepped().unsaid == (0,)


def test_terms_count_as_certain_and_leave_attention_as_it_was() -> None:
    table = fixed_table({(): {6: 0.9, EOS: 0.1}, (6,): {EOS: 0.8, 4: 0.2}, (6, 4): {EOS: 0.5, 6: 0.5}})
    options = SearchOptions(beam_size=1, max_length=5)
    scorer = TableScorer(table, attention=False)
    ((hypothesis,),) = search(scorer, Batch.of([SOURCE]), options, terms=[(Term(0, 1, (4,)),)])
    assert hypothesis.tokens == (6, 4, EOS) and hypothesis.terms == (NO_TERM, 0, NO_TERM)
    np.testing.assert_allclose(hypothesis.token_log_probabilities, np.log([0.9, 1.0, 0.5]))
    ((looked,),) = search(TableScorer(table), Batch.of([SOURCE]), options, terms=[(Term(0, 1, (4,)),)])
    for at, row in enumerate(looked.attention_TS):
        np.testing.assert_allclose(row, attention_row(SOURCE, looked.tokens[:at]), rtol=1e-6)


def test_the_length_limit_gives_way_to_terms() -> None:
    options = SearchOptions(beam_size=2, max_length=2)
    terms = (Term(0, 1, (4, 5, 6, 4)), Term(1, 2, (6,)))
    ((hypothesis,),) = search(TableScorer(random_table(1)), Batch.of([SOURCE]), options, terms=[terms])
    assert said(hypothesis) == {0: (4, 5, 6, 4), 1: (6,)} and len(hypothesis.tokens) == 6


def test_what_the_best_row_has_said_so_far() -> None:
    running = BeamSearch(TableScorer(random_table(5, end_weight=0.01)), SearchOptions(beam_size=3, max_length=6))
    (ticket,) = running.add(Batch.of([SOURCE]))
    assert running.best_so_far([ticket]) == {}
    for steps in (1, 2, 3):
        running.advance()
        assert len(running.best_so_far([ticket, 99])[ticket]) == steps
