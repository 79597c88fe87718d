"""Whether corpora are in the languages that they are given as."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

from nmt.errors import ArtifactError
from nmt.identification.identifier import LanguageIdentifier
from training.corpus_files import CorpusFiles

LOOKED_AT = 100
SURE = 0.9


def suspicions(corpora: Sequence[CorpusFiles]) -> Iterator[str]:
    """What looks wrong, in a sentence each: a side most of whose first LOOKED_AT texts are in another language, SURE.

    Languages that the bundled identifier doesn't know are not looked at; without one, none is.
    """
    try:
        identifier = LanguageIdentifier.load()
    except ArtifactError:
        return
    for corpus in corpora:
        for language in corpus.languages:
            if language not in identifier.labels:
                continue
            texts = [text for (text,) in itertools.islice(corpus.lines([language]), LOOKED_AT)]
            found = Counter(
                best.language for (best,) in identifier.identify_batch(texts, most=1) if best.confidence >= SURE
            )
            for other, count in found.most_common(1):
                if other != language and 2 * count > len(texts):
                    yield (
                        f"{corpus.key}: of the first {len(texts):,} texts given as {language!r} {count:,} look like "
                        f"{other!r}: are the files in the right place?"
                    )
