"""Laws of the encoder-decoder: hoisted = step by step, padding changes nothing, batch = one by one."""

import pytest
import torch

from nmt.batch import Batch
from nmt.config import ModelConfig
from nmt.errors import ConfigError
from nmt.model import Seq2Seq
from nmt.vocabulary import BOS

CELLS = ["rnn_tanh", "rnn_relu", "gru", "gru_reset_before", "lstm"]
ATTENTIONS = ["bilinear", "additive", "dot", "none"]
SOURCES = [[5, 6, 7, 8, 3], [9, 3], [10, 11, 12, 3]]
TARGETS = [[BOS, 4, 5, 6], [BOS, 7, 8, 9], [BOS, 10, 11, 12]]


def tiny(**changes: object) -> ModelConfig:
    shape = {"vocabulary_size": 20, "embedding_width": 6, "encoder_width": 4, "decoder_width": 8}
    return ModelConfig.from_mapping(shape | changes)


def model_of(config: ModelConfig) -> Seq2Seq:
    torch.manual_seed(0)
    return Seq2Seq(config).double().eval()


def unrolled(model: Seq2Seq, sources: list[list[int]], targets: list[list[int]]):
    readout, weights = model.unroll(Batch.of(sources), torch.tensor(targets))
    return model.logits(readout).log_softmax(-1), weights


VARIANTS = (
    [{"cell": cell} for cell in CELLS]
    + [{"attention": attention} for attention in ATTENTIONS]
    + [
        {"cell": "lstm", "encoder_layers": 2, "decoder_layers": 3, "projected_memory_width": 5},
        {"bidirectional": False, "query_sees_last_word": True},
        {"readout": "simple", "attention": "additive", "attention_width": 3},
        {"tied_embeddings": "all"},
        {"tied_embeddings": "output", "attention": "none"},
        {"conditional": True},
        {"conditional": True, "cell": "lstm", "decoder_layers": 2, "readout": "simple"},
    ]
)


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_the_hoisted_unroll_is_step_by_step(changes: dict[str, object]) -> None:
    model = model_of(tiny(**changes))
    expected, expected_weights = unrolled(model, SOURCES, TARGETS)
    memory, state = model.start(Batch.of(SOURCES))
    for index in range(4):
        logits, weights, state = model.step(memory, state, torch.tensor(TARGETS)[:, index])
        torch.testing.assert_close(logits.log_softmax(-1), expected[:, index])
        if expected_weights is not None:
            torch.testing.assert_close(weights, expected_weights[:, index])


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_padding_and_batch_mates_change_nothing(changes: dict[str, object]) -> None:
    model = model_of(tiny(**changes))
    together, weights = unrolled(model, SOURCES, TARGETS)
    padded = Batch(torch.nn.functional.pad(Batch.of(SOURCES).tokens_BS, (0, 3)), Batch.of(SOURCES).lengths_B)
    with_padding, _ = model.unroll(padded, torch.tensor(TARGETS))
    torch.testing.assert_close(model.logits(with_padding).log_softmax(-1), together)
    for row, (source, target) in enumerate(zip(SOURCES, TARGETS, strict=True)):
        alone, alone_weights = unrolled(model, [source], [target])
        torch.testing.assert_close(together[row : row + 1], alone)
        if weights is not None:
            torch.testing.assert_close(weights[row : row + 1, :, : len(source)], alone_weights)


def test_a_conditional_step_moves_looks_and_moves_again() -> None:
    model = model_of(tiny(conditional=True, cell="rnn_tanh"))
    encoded = model.encoder(model.embeddings.source[torch.tensor(SOURCES[:1])], torch.ones(1, 5, dtype=torch.bool))
    memory, start = model.decoder.start(encoded)
    words = model.embeddings.target[torch.tensor([4])]
    step = model.decoder.step(memory, start, words)

    def move(cell: torch.nn.Module, x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        return torch.tanh(x @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh)

    between = move(model.decoder.word_cell, words, start.top_ND)
    weights = torch.softmax(between @ memory.keys_BSA[0].T, dim=-1)
    after = move(model.decoder.cells[0], weights @ memory.values_BSM[0], between)
    torch.testing.assert_close(step.weights_NS, weights)
    torch.testing.assert_close(step.state.top_ND, after)


@pytest.mark.parametrize("attention", ["bilinear", "additive", "dot"])
def test_attention_rows_sum_to_one_over_real_tokens_only(attention: str) -> None:
    _, weights = unrolled(model_of(tiny(attention=attention)), SOURCES, TARGETS)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 4, dtype=torch.double))
    padding = ~Batch.of(SOURCES).mask_BS
    assert (weights * padding[:, None] == 0).all()


def test_without_attention_only_the_first_state_links_source_and_target() -> None:
    model = model_of(tiny(attention="none"))
    memory, _ = model.start(Batch.of(SOURCES))
    assert memory is None
    assert unrolled(model, SOURCES, TARGETS)[1] is None


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_gradients_are_the_numerical_ones(changes: dict[str, object]) -> None:
    model = model_of(tiny(**changes)).train()
    names = [name for name, _ in model.named_parameters()]

    def loss(*parameters: torch.Tensor) -> torch.Tensor:
        swapped = dict(zip(names, parameters, strict=True))
        readout, _ = torch.func.functional_call(
            _Unroll(model), {f"model.{k}": v for k, v in swapped.items()}, (Batch.of(SOURCES), torch.tensor(TARGETS))
        )
        return readout.log_softmax(-1)[..., 5:7].sum()

    parameters = tuple(parameter.detach().requires_grad_() for parameter in model.parameters())
    assert torch.autograd.gradcheck(loss, parameters, fast_mode=True)


class _Unroll(torch.nn.Module):
    def __init__(self, model: Seq2Seq) -> None:
        super().__init__()
        self.model = model

    def forward(self, source: Batch, tokens: torch.Tensor):
        readout, weights = self.model.unroll(source, tokens)
        return self.model.logits(readout), weights


@pytest.mark.parametrize(("tying", "matrices"), [("none", 3), ("output", 2), ("all", 1)])
def test_tied_embeddings_are_stored_once(tying: str, matrices: int) -> None:
    names = [name for name in model_of(tiny(tied_embeddings=tying)).state_dict() if name.startswith("embeddings.")]
    assert len(names) == matrices


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"attention": "dot", "decoder_width": 7}, "decoder_width"),
        ({"attention": "none", "query_sees_last_word": True}, "query_sees_last_word"),
        ({"attention": "none", "projected_memory_width": 3}, "projected_memory_width"),
        ({"attention": "none", "conditional": True}, "conditional"),
        ({"conditional": True, "query_sees_last_word": True}, "query_sees_last_word"),
        ({"attention_width": 3}, "attention_width"),
        ({"readout": "simple", "readout_width": 6}, "readout_width"),
        ({"tied_embeddings": "output", "readout_width": 5}, "readout_width"),
        ({"tied_embeddings": "all", "readout": "simple"}, "decoder_width"),
        ({"variational_embedding_dropout": True}, "embedding_dropout"),
        ({"cell": "transformer"}, "cell"),
        ({"encoder_dropout": 1.0}, "encoder_dropout"),
        ({"widht": 3}, "widht"),
    ],
    ids=str,
)
def test_contradictions_name_the_key_to_change(changes: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        tiny(**changes)
    assert caught.value.key == key


DROPOUTS = [
    "embedding_dropout", "encoder_dropout", "readout_dropout", "source_word_dropout", "target_word_dropout",
    "weight_drop",
]  # fmt: skip


@pytest.mark.parametrize("rate", DROPOUTS)
def test_dropout_acts_in_training_only(rate: str) -> None:
    model = model_of(tiny(**{rate: 0.5}))
    still, _ = unrolled(model, SOURCES, TARGETS)
    torch.testing.assert_close(unrolled(model, SOURCES, TARGETS)[0], still)
    model.train()
    assert not torch.allclose(unrolled(model, SOURCES, TARGETS)[0], still)


@pytest.mark.parametrize("rate", ["source_word_dropout", "target_word_dropout"])
def test_word_dropout_spares_tag_and_specials(rate: str) -> None:
    model = model_of(tiny(**{rate: 0.95})).train()
    sources, targets = [[5, 3], [6, 3]], [[BOS], [BOS]]
    torch.testing.assert_close(unrolled(model, sources, targets)[0], unrolled(model.eval(), sources, targets)[0])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_bfloat16_autocast_trains_every_kind(cell: str, attention: str) -> None:
    torch.manual_seed(0)
    model = Seq2Seq(tiny(cell=cell, attention=attention, decoder_layers=2, weight_drop=0.1))
    with torch.autocast("cpu", torch.bfloat16):
        logits, _ = unrolled(model.train(), SOURCES, TARGETS)
    logits.float().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in model.parameters())
