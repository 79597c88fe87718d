"""Noise changes the pieces of a text, never the text, and depends on nothing but the seed and the examples."""

import numpy as np

from nmt.tokenizer import SentencePieceTokenizer
from training.batch import Example
from training.noise import SubwordNoise


def test_examples_are_spelt_in_other_pieces(tokenizer: SentencePieceTokenizer, sentences: list[str]) -> None:
    lines = [np.array(ids) for ids in tokenizer.encode_lines(sentences)]
    examples = [Example(lines[i], lines[i + 1], 7 if i % 2 else None) for i in range(len(lines) - 1)]
    indices, noise = np.arange(len(examples)), SubwordNoise(tokenizer, 0.3, seed=1)
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
    assert pieces(found) != pieces(SubwordNoise(tokenizer, 0.3, seed=2)(examples, indices, 0))
