"""Which words a model learns from."""

from collections import Counter

import numpy as np

from nmt.known_words import KnownWords, words_of
from nmt.tokenizer import SentencePieceTokenizer
from training.corpus import ParallelCorpus

TIMES = 2
"""A word that stands in fewer lines that differ is not learnt: most such words are typing errors."""
LOOKED_AT = 1_000_000
"""In how many examples, evenly spread over all, words are looked for; where there are more, once is enough."""
CHUNK = 20_000


def learnt_words(corpus: ParallelCorpus, tokenizer: SentencePieceTokenizer) -> KnownWords:
    """The words that stand in the sources of the examples, by language.

    Synthetic sources don't count, for words are made up there, but where a language has no others.
    """
    natural = {one.direction.source for one in corpus.directed if not one.synthetic and len(one.pairs)}
    looked_at = [one for one in corpus.directed if not one.synthetic or one.direction.source not in natural]
    share = min(1.0, LOOKED_AT / sum(len(one.pairs) for one in looked_at))
    least = TIMES if share == 1 else 1
    counts: Counter[tuple[str, str]] = Counter()
    seen: set[int] = set()
    for one in looked_at:
        numbers = np.arange(int(len(one.pairs) * share)) / share
        for begin in range(0, len(numbers), CHUNK):
            pairs = one.pairs.pieces(numbers[begin : begin + CHUNK].astype(np.int64))
            for source in tokenizer.decode_lines([second if one.swapped else first for first, second in pairs]):
                if (line := hash((one.direction.source, source))) not in seen:
                    seen.add(line)
                    counts.update((one.direction.source, word) for word in words_of(source))
    return KnownWords.of({word: times for word, times in counts.items() if times >= least})
