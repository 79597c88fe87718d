"""The laws of search on real networks, with random weights, in float64."""

import itertools
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest
import torch

from nmt.batch import Batch
from nmt.config import ModelConfig, SearchOptions
from nmt.engine.reference import ReferenceScorer, ReferenceState
from nmt.model import Seq2Seq
from nmt.search import BeamSearch, Hypothesis, search
from nmt.search.forced import force_decode
from nmt.search.scorer import Bans
from nmt.vocabulary import BOS, EOS, PAD, UNK
from tests.fakes.greedy import greedy

WORDS, TAG = 20, 4
UNSAYABLE = (PAD, UNK, BOS, TAG)
SOURCES = [(5, 6, 7, EOS), (9, EOS), (4, 8, 8, 10, 11, 12, 13, EOS), (6, EOS), (15, 14, 13, EOS)]
OPTIONS = SearchOptions(beam_size=3, n_best=3, max_length=8, min_length=3, no_repeat_ngram=2)
NO_PAIRS = torch.zeros(0, dtype=torch.int64)

models = pytest.mark.parametrize(
    "changes",
    [
        {},
        {"cell": "lstm", "attention": "additive", "decoder_layers": 2, "query_sees_last_word": True},
        {"cell": "gru_reset_before", "attention": "dot", "readout": "simple"},
        {"cell": "rnn_tanh", "attention": "none"},
        {"cell": "rnn_relu", "encoder_layers": 2, "projected_memory_width": 5},
    ],
    ids=lambda changes: "-".join(map(str, changes.values())) or "gru-bilinear",
)


def model_of(changes: dict[str, object]) -> Seq2Seq:
    shape = {"vocabulary_size": WORDS, "embedding_width": 6, "encoder_width": 4, "decoder_width": 8}
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = Seq2Seq(ModelConfig.from_mapping(shape | changes)).double().eval()
    for parameter in model.parameters():
        parameter.data.mul_(2)  # far from uniform
    return model


def scorer_of(changes: dict[str, object]) -> ReferenceScorer:
    return ReferenceScorer(model_of(changes), UNSAYABLE)


def check_same(first: Sequence[Hypothesis], second: Sequence[Hypothesis]) -> None:
    assert [one.tokens for one in first] == [other.tokens for other in second]
    for one, other in zip(first, second, strict=True):
        assert one.token_log_probabilities == pytest.approx(other.token_log_probabilities, abs=1e-5)
        assert (one.attention_TS is None) == (other.attention_TS is None)
        if one.attention_TS is not None:
            np.testing.assert_allclose(one.attention_TS, other.attention_TS, atol=1e-5)


def apart(scorer: ReferenceScorer, options: SearchOptions) -> list[list[Hypothesis]]:
    return [search(scorer, Batch.of([source]), options)[0] for source in SOURCES]


def taught(model: Seq2Seq, source: Sequence[int]) -> Callable[[tuple[int, ...]], np.ndarray]:
    """Logs of the next token by teacher forcing from the beginning, none for what is unsayable."""

    @cache
    def look(said: tuple[int, ...]) -> np.ndarray:
        with torch.inference_mode():
            readout_BTR, _ = model.unroll(Batch.of([source]), torch.tensor([[BOS, *said]]))
            logs = model.logits(readout_BTR)[0, -1].log_softmax(-1).numpy()
        logs[list(UNSAYABLE)] = -np.inf
        return logs

    return look


@models
@pytest.mark.parametrize("rules", [{}, {"min_length": 4, "no_repeat_ngram": 1}], ids=["free", "ruled"])
def test_a_beam_of_one_is_greedy(changes: dict[str, object], rules: dict[str, int]) -> None:
    options, model = SearchOptions(beam_size=1, max_length=8, **rules), model_of(changes)
    for source, (found,) in zip(
        SOURCES, search(ReferenceScorer(model, UNSAYABLE), Batch.of(SOURCES), options), strict=True
    ):
        tokens, logs = greedy(taught(model, source), options.length_limit(len(source)), options)
        assert found.tokens == tokens
        assert found.token_log_probabilities == pytest.approx(logs, abs=1e-5)


@models
def test_a_batch_is_one_by_one(changes: dict[str, object]) -> None:
    scorer = scorer_of(changes)
    together = search(scorer, Batch.of(SOURCES), OPTIONS)
    assert {len(hypotheses[0].tokens) for hypotheses in together} != {3}
    for one, other in zip(together, apart(scorer, OPTIONS), strict=True):
        check_same(one, other)


@models
def test_joining_and_leaving_a_running_search_is_searching_apart(changes: dict[str, object]) -> None:
    scorer = scorer_of(changes)
    running, tickets, results = BeamSearch(scorer, OPTIONS), [], {}
    for source, wait in zip(SOURCES, [1, 0, 2, 3, 0], strict=True):
        tickets += running.add(Batch.of([source]))
        dropped = running.add(Batch.of([SOURCES[2], (7, EOS)]))
        for _ in range(wait):
            running.advance()
        running.drop(dropped)
        results |= running.finished()
    while running.running:
        running.advance()
        results |= running.finished()
    for ticket, expected in zip(tickets, apart(scorer, OPTIONS), strict=True):
        check_same(results[ticket], expected)


@models
def test_attention_rows_are_over_the_sentences_own_tokens(changes: dict[str, object]) -> None:
    for source, hypotheses in zip(SOURCES, search(scorer_of(changes), Batch.of(SOURCES), OPTIONS), strict=True):
        for found in hypotheses:
            if changes.get("attention") == "none":
                assert found.attention_TS is None
            else:
                assert found.attention_TS is not None
                assert found.attention_TS.shape == (len(found.tokens), len(source))
                np.testing.assert_allclose(found.attention_TS.sum(axis=1), 1, atol=1e-5)


@models
def test_scoring_what_was_found_gives_its_scores_back(changes: dict[str, object]) -> None:
    scorer = scorer_of(changes)
    best = [hypotheses[0] for hypotheses in search(scorer, Batch.of(SOURCES), OPTIONS)]
    check_same(force_decode(scorer, Batch.of(SOURCES), [found.tokens for found in best]), best)


def flat(scorer: ReferenceScorer, state: ReferenceState, tokens: Sequence[int]) -> list[torch.Tensor]:
    """What two more steps of each row give, row by row; attention without the padding."""
    parts = []
    for _ in range(2):
        top = scorer.top(state, torch.tensor(tokens), 3)
        state, rows = top.state, [top.log_probabilities_NK]
        if top.attention_NS is not None:
            rows.append(torch.nn.functional.pad(top.attention_NS, (0, 9 - top.attention_NS.shape[1])))
        parts.append(torch.cat(rows, dim=1))
    return list(torch.cat(parts, dim=1))


@models
@pytest.mark.parametrize(
    "rows",
    [
        [0, 1, 2, 3, 4],
        [0, 0, 1, 1, 2, 2, 3, 3, 4, 4],
        [4, 2, 0],
        [1, 3],
        [3],
        [2, 2, 0, 1, 2, 4],
        [1, 1, 3, 3, 1, 1],
        [0, 1, 1],
    ],
    ids=str,
)
def test_selected_rows_go_on_as_they_would_have(changes: dict[str, object], rows: list[int]) -> None:
    scorer, said = scorer_of(changes), [5, 6, 7, 8, 9]
    state = scorer.top(scorer.start(Batch.of(SOURCES)), torch.full((5,), BOS), 1).state
    expected = flat(scorer, state, said)
    chosen = state.select(torch.tensor(rows))
    twice = chosen.select(torch.arange(len(rows)).flip(0))
    for selected, order in ((chosen, rows), (twice, rows[::-1])):
        found = flat(scorer, selected, [said[row] for row in order])
        torch.testing.assert_close(torch.stack(found), torch.stack([expected[row] for row in order]))


@models
def test_joined_states_go_on_as_they_would_have(changes: dict[str, object]) -> None:
    scorer = scorer_of(changes)
    starts = [scorer.start(Batch.of(part)) for part in (SOURCES[:2], SOURCES[2:3], SOURCES[3:])]
    starts[1] = starts[1].select(torch.tensor([0, 0, 0]))
    apart = [flat(scorer, state, [BOS] * len(state.owner_N)) for state in starts]
    for order in itertools.permutations(range(3)):
        joined = starts[order[0]].concat(starts[order[1]]).concat(starts[order[2]])
        expected = torch.stack([row for part in order for row in apart[part]])
        torch.testing.assert_close(torch.stack(flat(scorer, joined, [BOS] * len(joined.owner_N))), expected)


def test_a_long_sentence_that_left_leaves_no_padding_behind() -> None:
    scorer = scorer_of({})
    state = scorer.start(Batch.of(SOURCES)).concat(scorer.start(Batch.of([(5,) * 40])))
    assert state.memory is not None
    for rows, width in (([0, 1, 2, 3, 4, 5], 40), ([4, 2, 0], 8), ([1, 1, 3], 2), ([], 0)):
        selected = state.select(torch.tensor(rows, dtype=torch.int64))
        assert selected.memory is not None
        assert {part.shape[1] for part in vars(selected.memory).values()} == {width}


def test_states_stay_on_their_device() -> None:
    """Whatever is the default one."""
    scorer = scorer_of({})
    state, rows_N, bans = (
        scorer.start(Batch.of(SOURCES)),
        torch.arange(5),
        Bans(NO_PAIRS, NO_PAIRS, torch.full((5,), 7)),
    )
    with torch.device("meta"):
        joined = state.select(rows_N).concat(state)
        for given in (None, bans):
            assert scorer.top(joined.select(rows_N), rows_N, 2, given).tokens_NK.device.type == "cpu"


def test_where_no_sentence_leaves_the_memory_is_not_copied() -> None:
    state = scorer_of({}).start(Batch.of(SOURCES))
    beams = state.select(torch.arange(5).repeat_interleave(3))
    assert beams.memory is state.memory
    assert beams.select(torch.arange(15)).memory is state.memory
    assert beams.select(torch.arange(3, 15)).memory is not state.memory


@models
def test_control_symbols_are_never_said(changes: dict[str, object]) -> None:
    model = model_of(changes)
    model.output_bias.data[list(UNSAYABLE)] = 30
    loose, strict = (
        [h.tokens for hypotheses in search(scorer, Batch.of(SOURCES), OPTIONS) for h in hypotheses]
        for scorer in (ReferenceScorer(model), ReferenceScorer(model, UNSAYABLE))
    )
    assert any(set(tokens) & set(UNSAYABLE) for tokens in loose)
    assert not any(set(tokens) & set(UNSAYABLE) for tokens in strict)


def test_a_control_symbol_in_a_given_text_has_the_probability_that_the_model_gives_it() -> None:
    scorer, targets = scorer_of({}), [(5, UNK, 6, EOS), (EOS,), (TAG, EOS), (5, EOS), (6, 6, EOS)]
    for source, target, found in zip(SOURCES, targets, force_decode(scorer, Batch.of(SOURCES), targets), strict=True):
        with torch.inference_mode():
            readout_BTR, _ = scorer.model.unroll(Batch.of([source]), torch.tensor([[BOS, *target[:-1]]]))
            logs_TV = scorer.model.logits(readout_BTR)[0].log_softmax(-1)
        expected = logs_TV.gather(1, torch.tensor(target)[:, None])[:, 0].tolist()
        assert found.token_log_probabilities == pytest.approx(expected, abs=1e-6)
    prefixed = search(scorer, Batch.of(SOURCES), OPTIONS, [(UNK,), (), (), (), ()])
    assert all(hypothesis.tokens[0] == UNK for hypothesis in prefixed[0])
    assert not any(set(h.tokens) & set(UNSAYABLE) for hypotheses in prefixed[1:] for h in hypotheses)


@pytest.mark.parametrize("forced", [None, [-1, -1, -1], [-1, 7, EOS], [5, 7, UNK]], ids=str)
def test_top_gives_the_best_that_may_be_said(forced: list[int] | None) -> None:
    scorer = scorer_of({})
    state, tokens_N = scorer.start(Batch.of(SOURCES[:3])), torch.full((3,), BOS)
    logs_NV = torch.stack([torch.from_numpy(taught(scorer.model, source)(())) for source in SOURCES[:3]])
    everything = ReferenceScorer(scorer.model).top(state, tokens_N, WORDS)
    raw_NV = torch.empty(3, WORDS, dtype=torch.float64)
    raw_NV.scatter_(1, everything.tokens_NK, everything.log_probabilities_NK)
    bans = Bans(torch.tensor([0, 0, 1]), torch.tensor([7, 9, 7]), None if forced is None else torch.tensor(forced))
    logs_NV[bans.rows_P, bans.tokens_P] = -torch.inf
    for row, token in enumerate(forced or []):
        if token >= 0:
            logs_NV[row] = -torch.inf
            logs_NV[row, token] = raw_NV[row, token]
    top = scorer.top(state, tokens_N, 6, bans)
    expected = logs_NV.sort(dim=1, descending=True).values[:, : top.tokens_NK.shape[1]]
    torch.testing.assert_close(top.log_probabilities_NK, expected)
    torch.testing.assert_close(logs_NV.gather(1, top.tokens_NK), expected)
    assert top.tokens_NK.shape[1] == (1 if forced and min(forced) >= 0 else 6)


def test_more_candidates_than_tokens_are_all_of_them() -> None:
    scorer = scorer_of({})
    top = scorer.top(scorer.start(Batch.of(SOURCES[:1])), torch.tensor([BOS]), 1000)
    assert sorted(top.tokens_NK[0].tolist()) == list(range(WORDS))
