"""The loss is over real tokens only; what is added to it acts in training alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import training.objective
from nmt.batch import Batch
from nmt.config import ModelConfig
from nmt.model import Seq2Seq
from nmt.vocabulary import BOS, EOS, PAD
from training.batch import TrainingBatch
from training.objective import TranslationObjective, symmetric_kl
from training.softmax import sample_types


def test_padding_and_batch_mates_change_nothing() -> None:
    torch.manual_seed(0)
    shape = ModelConfig(vocabulary_size=20, embedding_width=6, encoder_width=4, decoder_width=8, readout_width=6)
    objective = TranslationObjective(Seq2Seq(shape).double(), label_smoothing=0.1).eval()
    pairs = [([5, 6, EOS], [7, 8, 9, EOS]), ([10, EOS], [11, EOS])]

    def loss(*chosen: tuple[list[int], list[int]]) -> np.ndarray:
        longest = max(len(target) for _, target in chosen)
        rows = torch.tensor([target + [PAD] * (longest - len(target)) for _, target in chosen])
        fed = torch.cat([torch.full((len(chosen), 1), BOS), rows[:, :-1]], dim=1)
        batch = TrainingBatch(Batch.of([source for source, _ in chosen]), fed, rows, int((rows != PAD).sum()))
        found = objective(batch)
        return np.array([found.total.item(), found.nll.item(), found.tokens])

    np.testing.assert_allclose(loss(*pairs), loss(pairs[0]) + loss(pairs[1]))


def test_r_drop_is_the_mean_loss_of_two_passes_and_their_divergence() -> None:
    shape = ModelConfig(vocabulary_size=20, embedding_width=6, encoder_width=4, decoder_width=8, embedding_dropout=0.5)
    torch.manual_seed(0)
    model = Seq2Seq(shape).double()
    rows = torch.tensor([[7, 8, 9, EOS], [11, EOS, PAD, PAD]])
    fed = torch.cat([torch.full((2, 1), BOS), rows[:, :-1]], dim=1)
    batch = TrainingBatch(Batch.of([[5, 6, EOS], [10, EOS]]), fed, rows, 6)
    torch.manual_seed(1)
    found = TranslationObjective(model, 0.1, r_drop=3.0)(batch)
    torch.manual_seed(1)
    twice = batch.twice()
    readout, _ = model.unroll(twice.source, twice.target_in_BT)
    logits, real = model.logits(readout).float(), rows != PAD
    p, q = logits[:2][real].log_softmax(1), logits[2:][real].log_softmax(1)
    losses = [F.cross_entropy(each, rows[real], reduction="sum", label_smoothing=0.1) for each in (p, q)]
    divergence = F.kl_div(q, p, reduction="sum", log_target=True) + F.kl_div(p, q, reduction="sum", log_target=True)
    torch.testing.assert_close(found.total, sum(losses) / 2 + 3.0 / 4 * divergence)
    assert divergence > 0 and found.tokens == 6
    torch.testing.assert_close(found.nll, sum(F.nll_loss(each, rows[real], reduction="sum") for each in (p, q)) / 2)


def test_r_drop_acts_in_training_only_and_is_nothing_without_noise() -> None:
    shape = ModelConfig(vocabulary_size=20, embedding_width=6, encoder_width=4, decoder_width=8)
    torch.manual_seed(0)
    model = Seq2Seq(shape).double()
    batch = TrainingBatch(Batch.of([[5, 6, EOS]]), torch.tensor([[BOS, 7]]), torch.tensor([[7, EOS]]), 2)
    with_r_drop, plain = TranslationObjective(model, 0.1, r_drop=3.0), TranslationObjective(model, 0.1)
    torch.testing.assert_close(with_r_drop(batch).total, plain(batch).total)
    torch.testing.assert_close(with_r_drop.eval()(batch).total, plain.eval()(batch).total)


def test_a_sampled_softmax_acts_in_training_only_and_is_the_whole_one_where_it_holds_all_types() -> None:
    shape = ModelConfig(vocabulary_size=20, embedding_width=6, encoder_width=4, decoder_width=8)
    torch.manual_seed(0)
    model = Seq2Seq(shape).double()
    batch = TrainingBatch(Batch.of([[5, 6, EOS]]), torch.tensor([[BOS, 7]]), torch.tensor([[7, EOS]]), 2)
    plain, some, every = (TranslationObjective(model, 0.1, sampled_softmax=others) for others in (0, 3, 18))
    torch.testing.assert_close(every(batch).total, plain(batch).total)
    assert some(batch).total.item() != pytest.approx(plain(batch).total.item(), rel=1e-9)
    torch.testing.assert_close(some.eval()(batch).total, plain.eval()(batch).total)


@pytest.mark.parametrize("r_drop", [0.0, 2.0])
def test_logits_are_made_a_few_tokens_at_a_time(monkeypatch: pytest.MonkeyPatch, r_drop: float) -> None:
    shape = ModelConfig(vocabulary_size=20, embedding_width=6, encoder_width=4, decoder_width=8, embedding_dropout=0.5)
    torch.manual_seed(0)
    model = Seq2Seq(shape)
    rows = torch.tensor([[7, 8, 9, EOS], [11, EOS, PAD, PAD]])
    fed = torch.cat([torch.full((2, 1), BOS), rows[:, :-1]], dim=1)
    batch = TrainingBatch(Batch.of([[5, 6, EOS], [10, EOS]]), fed, rows, 6)
    losses, gradients = [], []
    made: list[int] = []
    make = model.logits
    monkeypatch.setattr(model, "logits", lambda readout, types: made.append(len(readout)) or make(readout, types))
    for logits_at_once, rows in ((1_000_000, [6]), (45, [2, 2, 2]), (1, [1] * 6)):
        made.clear()
        monkeypatch.setattr(training.objective, "LOGITS_AT_ONCE", logits_at_once)
        torch.manual_seed(1)
        losses.append(TranslationObjective(model, 0.1, r_drop=r_drop)(batch))
        gradients.append(torch.autograd.grad(losses[-1].total, model.output_bias)[0])
        assert made == [size for size in rows for _ in range(2 if r_drop else 1)]
    for loss, gradient in zip(losses[1:], gradients[1:], strict=True):
        torch.testing.assert_close(loss, losses[0])
        torch.testing.assert_close(gradient, gradients[0])


def test_r_drop_over_a_sample_of_all_types_is_that_over_all() -> None:
    torch.manual_seed(0)
    first, second = torch.randn(2, 4, 10)
    types, counts, _ = sample_types(torch.tensor([1, 2, 3, 1]), 10, 1000)
    torch.testing.assert_close(symmetric_kl(first[:, types], second[:, types], counts), symmetric_kl(first, second))
    alike = torch.tensor([0, 1, 1, 1])
    torch.testing.assert_close(
        symmetric_kl(first[:, :2], second[:, :2], torch.tensor([1.0, 3.0])),
        symmetric_kl(first[:, alike], second[:, alike]),
    )
