"""Noise changes the pieces of a text, never the text, and depends on nothing but the seed and the examples."""

import io
from pathlib import Path

import numpy as np
import pytest
import sentencepiece

from nmt.errors import ConfigError
from nmt.tokenizer import SentencePieceTokenizer
from tests.training.runs import config, train, write_corpus
from training.batch import Example
from training.bpe_dropout import BpeDropout
from training.config import TrainingConfig
from training.noise import SubwordNoise


def test_examples_are_spelt_in_other_pieces(tokenizer: SentencePieceTokenizer, sentences: list[str]) -> None:
    lines = [np.array(ids) for ids in tokenizer.encode_lines(sentences)]
    examples = [Example(lines[i], lines[i + 1], 7 if i % 2 else None) for i in range(len(lines) - 1)]
    indices, noise = np.arange(len(examples)), SubwordNoise(BpeDropout(tokenizer, 0.3), seed=1)
    found = noise(examples, indices, 0)
    for example, noisy in zip(examples, found, strict=True):
        assert noisy.tag == example.tag
        for given, spelt in zip(example[:2], noisy[:2], strict=True):
            assert tokenizer.decode(spelt.tolist())[0] == tokenizer.decode(given.tolist())[0]

    def pieces(noisy: list[Example]) -> list[list[int]]:
        return [example.source.tolist() for example in noisy]

    assert pieces(found) != pieces(examples)
    assert pieces(found) == pieces(noise(examples, indices, 0))
    assert pieces(found) != pieces(noise(examples, indices, 1))
    assert pieces(found) != pieces(noise(examples, indices + 1, 0))
    assert pieces(found) != pieces(SubwordNoise(BpeDropout(tokenizer, 0.3), seed=2)(examples, indices, 0))


def test_only_merges_can_be_left_out(tokenizer: SentencePieceTokenizer, tmp_path: Path) -> None:
    assert tokenizer.is_bpe
    write_corpus(tmp_path)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter((tmp_path / "train.xx").read_text().splitlines()), model_writer=model, vocab_size=285,
        model_type="unigram", byte_fallback=True, hard_vocab_limit=False, pad_id=0, unk_id=1, bos_id=2, eos_id=3,
        minloglevel=2,
    )  # fmt: skip
    (tmp_path / "unigram.model").write_bytes(model.getvalue())
    settings = config(tmp_path, bpe_dropout=0.1).to_mapping()
    settings["data"]["tokenizer"] = "unigram.model"
    with pytest.raises(ConfigError, match=r"training\.bpe_dropout: got 0\.1, expected 0 with a tokenizer that has no"):
        train(TrainingConfig.from_mapping(settings))
