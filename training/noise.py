"""Noise on the examples of a batch."""

# B examples of a batch

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nmt.tokenizer import SentencePieceTokenizer
from training.batch import Example
from training.pairs import Indices


@dataclass(frozen=True)
class SubwordNoise:
    """Both sides spelt in other pieces: each merge of BPE is left out with the probability `bpe_dropout` (Provilkov et
    al., 2020). A pure function of the examples, their numbers, the `pool` that they were drawn in, and `seed`."""

    tokenizer: SentencePieceTokenizer
    bpe_dropout: float
    seed: int

    def __call__(self, examples: Sequence[Example], indices_B: Indices, pool: int) -> list[Example]:
        lines = [line.tolist() for example in examples for line in (example.source, example.target)]
        seed = zlib.crc32(indices_B.tobytes(), self.seed + pool & 0xFFFFFFFF)
        spelt = iter(self.tokenizer.encode_again(lines, bpe_dropout=self.bpe_dropout, seed=seed))
        return [Example(np.array(next(spelt)), np.array(next(spelt)), example.tag) for example in examples]
