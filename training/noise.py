"""Noise on the examples of a batch."""

# B examples of a batch

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.batch import Example
from training.bpe_dropout import BpeDropout
from training.pairs import Indices


@dataclass(frozen=True)
class SubwordNoise:
    """Both sides spelt in other pieces by BPE-dropout.

    A pure function of the examples, their numbers, the `pool` that they were drawn in, and `seed`.
    """

    bpe_dropout: BpeDropout
    seed: int

    def __call__(self, examples: Sequence[Example], indices_B: Indices, pool: int) -> list[Example]:
        lines = [line.tolist() for example in examples for line in (example.source, example.target)]
        seed = zlib.crc32(indices_B.tobytes(), self.seed + pool & 0xFFFFFFFF)
        spelt = iter(self.bpe_dropout(lines, seed))
        return [Example(np.array(next(spelt)), np.array(next(spelt)), example.tag) for example in examples]
