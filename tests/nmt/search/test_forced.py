import numpy as np
import pytest

from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.errors import InputError
from nmt.search import search
from nmt.search.forced import force_decode
from nmt.vocabulary import EOS
from tests.fakes.table import TableScorer, attention_row, random_table

SOURCES = [(5, 6, EOS), (EOS,), (4, 5, 6, 7, 8, EOS)]
TARGETS = [(4, 5, 4, EOS), (EOS,), (6, EOS)]


def test_the_log_probability_is_the_sum_from_the_table() -> None:
    table = random_table(3)
    for source, target, hypothesis in zip(
        SOURCES, TARGETS, force_decode(TableScorer(table), Batch.of(SOURCES), TARGETS), strict=True
    ):
        logs = tuple(table(source, target[:at])[token] for at, token in enumerate(target))
        assert hypothesis.tokens == target
        assert hypothesis.token_log_probabilities == logs
        assert hypothesis.log_probability == sum(logs)
        assert hypothesis.rank_score == sum(logs) / len(target)
        rows = np.stack([attention_row(source, target[:at]) for at in range(len(target))])
        assert np.array_equal(hypothesis.attention_TS, rows)
        assert hypothesis.attention_TS.dtype == np.float32


def test_scoring_what_the_beam_found_gives_its_scores_back() -> None:
    scorer, batch = TableScorer(random_table(4)), Batch.of(SOURCES)
    options = SearchOptions(beam_size=3, max_length=7, length_penalty=0.5)
    best = [hypotheses[0] for hypotheses in search(scorer, batch, options)]
    for found, scored in zip(best, force_decode(scorer, batch, [h.tokens for h in best], 0.5), strict=True):
        assert scored.token_log_probabilities == found.token_log_probabilities
        assert scored.rank_score == found.rank_score
        assert np.array_equal(scored.attention_TS, found.attention_TS)


def test_without_attention_there_is_none() -> None:
    scorer = TableScorer(random_table(4), attention=False)
    assert all(h.attention_TS is None for h in force_decode(scorer, Batch.of(SOURCES), TARGETS))


def test_what_is_scored_leaves_the_batch() -> None:
    scorer = TableScorer(random_table(4))
    force_decode(scorer, Batch.of(SOURCES), TARGETS)
    assert [len(sources) for sources, _ in scorer.calls] == [3, 2, 1, 1]


def test_an_impossible_token_has_the_log_probability_minus_infinity() -> None:
    (hypothesis,) = force_decode(TableScorer(random_table(4)), Batch.of(SOURCES[:1]), [(1, EOS)])
    assert hypothesis.token_log_probabilities[0] == -np.inf


@pytest.mark.parametrize("targets", [[(4,)], [()], [(4, EOS, EOS)], [(4, EOS), (4, EOS)], []])
def test_targets_that_do_not_fit_are_refused(targets) -> None:
    with pytest.raises(InputError, match="expected"):
        force_decode(TableScorer(random_table(4)), Batch.of(SOURCES[:1]), targets)
