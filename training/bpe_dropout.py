"""BPE with merges left out at random (BPE-dropout; Provilkov et al., 2020)."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from nmt.tokenizer import SentencePieceTokenizer

WORD_START = "▁"
DRAWS = 256


class BpeDropout:
    """Spells texts in other pieces: each merge of BPE is left out with probability `rate`, more than 0 and less than 1.

    SentencePiece draws otherwise in each process, whatever its seed; here a seed gives the same pieces everywhere. A
    merge that is left out is not tried again unless a piece beside it has changed.
    """

    def __init__(self, tokenizer: SentencePieceTokenizer, rate: float) -> None:
        """`tokenizer` is one that `is_bpe`."""
        self.rate = rate
        pieces = tokenizer.pieces()
        self._ids = {piece: index for index, piece in enumerate(pieces) if piece}
        self._pieces = [piece if self._ids.keys() >= set(piece) else "" for piece in pieces]
        self._ranks = {piece: -score for piece, score in zip(self._pieces, tokenizer.scores(), strict=True) if piece}

    def __call__(self, lines: Sequence[Sequence[int]], seed: int) -> list[list[int]]:
        """The texts of `lines`, which are as the tokenizer spells them. A pure function of its arguments."""
        omissions = Omissions(self.rate, seed)
        return [[piece for word in self._words(line) for piece in self._respelt(word, omissions)] for line in lines]

    def _words(self, line: Sequence[int]) -> Iterator[list[int]]:
        """What no merge crosses: words; symbols, single bytes, and other pieces that no merges lead to, each alone."""
        word: list[int] = []
        for piece in line:
            text = self._pieces[piece]
            if word and (text.startswith(WORD_START) or not text or not self._pieces[word[-1]]):
                yield word
                word = []
            word.append(piece)
        if word:
            yield word

    def _respelt(self, word: list[int], omissions: "Omissions") -> list[int]:
        text = "".join(self._pieces[piece] for piece in word)
        merges = max(len(text) - len(word), 0)
        if omissions.none_of(merges):
            return word
        return [self._ids[symbol] for symbol in self._merged(text, omissions)]

    def _merged(self, text: str, omissions: "Omissions") -> list[str]:
        """The pieces of a word: the pair of the lowest rank is merged first, and the leftmost of several."""
        symbols = list(text)
        ranks = [self._rank(left + right) for left, right in pairwise(symbols)]
        while ranks and (lowest := min(ranks)) < math.inf:
            place = ranks.index(lowest)
            if omissions.is_next():
                ranks[place] = math.inf
                continue
            symbols[place : place + 2] = [symbols[place] + symbols[place + 1]]
            del ranks[place]
            if place > 0:
                ranks[place - 1] = self._rank(symbols[place - 1] + symbols[place])
            if place < len(ranks):
                ranks[place] = self._rank(symbols[place] + symbols[place + 1])
        return symbols

    def _rank(self, piece: str) -> float:
        return self._ranks.get(piece, math.inf)


class Omissions:
    """A series of merges, each of which is left out with probability `rate`."""

    def __init__(self, rate: float, seed: int) -> None:
        self._gaps = _gaps(rate, np.random.PCG64(seed))
        self._kept = next(self._gaps)

    def none_of(self, merges: int) -> bool:
        """Whether none of so many is left out; where that is so, the series goes on behind them."""
        if self._kept < merges:
            return False
        self._kept -= merges
        return True

    def is_next(self) -> bool:
        """Whether the next one is left out; the series goes on behind it."""
        if self.none_of(1):
            return False
        self._kept = next(self._gaps)
        return True


def _gaps(rate: float, generator: np.random.PCG64) -> Iterator[int]:
    """How many are kept before each that is left out: numbers of a geometric distribution."""
    log_kept = math.log1p(-rate)
    while True:
        drawn = (generator.random_raw(DRAWS) >> np.uint64(11)) * 2.0**-53
        yield from (int(math.log1p(-number) / log_kept) for number in drawn.tolist())
