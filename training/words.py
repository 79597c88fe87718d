"""Which words a model learns from."""

from collections import Counter

import numpy as np

from nmt.known_words import KnownWords, words_of
from nmt.tokenizer import SentencePieceTokenizer
from training.corpus import ParallelCorpus

TIMES = 2
"""A word that is met less often is not learnt: most such words are typing errors."""
LOOKED_AT = 1_000_000
"""In how many examples, evenly spread over all, words are looked for; where there are more, once is enough."""
CHUNK = 20_000


def learnt_words(corpus: ParallelCorpus, tokenizer: SentencePieceTokenizer) -> KnownWords:
    """The words that stand in the sources of the examples, by language."""
    share = min(1.0, LOOKED_AT / len(corpus))
    least = TIMES if share == 1 else 1
    counts: Counter[tuple[str, str]] = Counter()
    for stretch in corpus.stretches:
        numbers = np.arange(int(len(stretch.pairs) * share)) / share
        for begin in range(0, len(numbers), CHUNK):
            pairs = stretch.pairs.pieces(numbers[begin : begin + CHUNK].astype(np.int64))
            sources = tokenizer.decode_lines([second if stretch.swapped else first for first, second in pairs])
            counts.update((stretch.source, word) for source in sources for word in words_of(source))
    return KnownWords.of(word for word, times in counts.items() if times >= least)
