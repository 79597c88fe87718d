"""Laws of the ensemble: it predicts the mean of what its members predict, and is a scorer like any other."""

import torch

from nmt.batch import Batch
from nmt.engine.ensemble import EnsembleScorer
from nmt.engine.reference import ReferenceScorer
from nmt.search import search
from nmt.vocabulary import BOS
from tests.nmt.engine.test_reference import OPTIONS, SOURCES, UNSAYABLE, WORDS, check_same, model_of, scorer_of

KINDS: list[dict[str, object]] = [
    {},
    {"cell": "lstm", "attention": "additive"},
    {"cell": "rnn_tanh", "attention": "none"},
]


def ensemble_of(kinds: list[dict[str, object]]) -> EnsembleScorer:
    return EnsembleScorer([scorer_of(kind) for kind in kinds])


def test_a_model_twice_is_the_model() -> None:
    for source in SOURCES:
        one, two = (search(each, Batch.of([source]), OPTIONS)[0] for each in (scorer_of({}), ensemble_of([{}, {}])))
        check_same(one, two)


def test_a_batch_is_one_by_one() -> None:
    together = search(ensemble_of(KINDS), Batch.of(SOURCES), OPTIONS)
    for source, found in zip(SOURCES, together, strict=True):
        check_same(search(ensemble_of(KINDS), Batch.of([source]), OPTIONS)[0], found)


def test_it_predicts_the_mean_of_its_members() -> None:
    members = [ReferenceScorer(model_of(kind), UNSAYABLE) for kind in KINDS]
    ensemble, batch, first = EnsembleScorer(members), Batch.of(SOURCES), torch.full((len(SOURCES),), BOS)
    tops = [member.top(member.start(batch), first, WORDS) for member in members]
    top = ensemble.top(ensemble.start(batch), first, WORDS)

    def by_token(tokens: torch.Tensor, logs: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(logs).scatter(1, tokens, logs.exp())

    mean = torch.stack([by_token(one.tokens_NK, one.log_probabilities_NK) for one in tops]).mean(0)
    torch.testing.assert_close(by_token(top.tokens_NK, top.log_probabilities_NK), mean)
    looked = [one.attention_NS for one in tops if one.attention_NS is not None]
    torch.testing.assert_close(top.attention_NS, torch.stack(looked).mean(0))
