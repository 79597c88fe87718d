"""The vocabulary of a run: languages, their tags, and the tokenizer, given, learnt from the corpora, or kept."""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

from nmt.errors import ConfigError, DataError
from nmt.model_folder import TOKENIZER
from nmt.tokenizer import SentencePieceTokenizer, Tokenizer, train_sentencepiece
from nmt.vocabulary import language_tag
from training.config import DataConfig, TrainingConfig
from training.corpus_files import CorpusFiles

SAMPLE_ROWS = 500_000
LanguagePair = tuple[str, str]
Row = tuple[str, ...]
RowFilter = Callable[[Sequence[str], Sequence[Row]], Sequence[Row]]
Item = TypeVar("Item")


def kept_tokenizer(config: TrainingConfig, kept: Path) -> SentencePieceTokenizer:
    """The tokenizer in the file `kept`. Raises ConfigError where its size is not `model.vocabulary_size`."""
    return _checked(SentencePieceTokenizer.load(kept), config)


def make_tokenizer(config: TrainingConfig, clean: RowFilter | None = None) -> SentencePieceTokenizer:
    """The tokenizer that `data.tokenizer` names, that of `training.start_from`, or one learnt from `training_lines`.

    Raises ConfigError where its size is not `model.vocabulary_size`.
    """
    start = config.training.start_path
    given = config.data.tokenizer_path if start is None else start / TOKENIZER
    if given is not None:
        return _checked(SentencePieceTokenizer.load(given), config)
    seed = config.training.seed
    tokenizer = train_sentencepiece(
        training_lines(config.data, seed, clean), vocabulary_size=config.model.vocabulary_size,
        symbols=language_tags(config.data), seed=seed,
    )  # fmt: skip
    return _checked(tokenizer, config)


def training_lines(data: DataConfig, seed: int, clean: RowFilter | None = None) -> Iterator[str]:
    """The lines of every corpus in the languages of its directions, or of SAMPLE_ROWS rows drawn at random of more.

    `clean` is given the languages and rows of texts in them, and says which rows to take; what is not UTF-8 reaches it
    as U+FFFD. Raises DataError where there are no lines.
    """
    rows = sample(_rows(data, replace=clean is not None), SAMPLE_ROWS, seed)
    if not rows:
        raise DataError(f"data.train has no lines: {', '.join(str(p) for c in data.corpora for p in c.paths)}")
    is_empty = True
    for languages, group in itertools.groupby(rows, itemgetter(0)):
        found: Sequence[Row] = [row for _, row in group]
        for row in found if clean is None else clean(languages, found):
            is_empty = is_empty and not any(map(str.strip, row))
            yield from row
    if is_empty:
        raise DataError("data.train has no text to learn a vocabulary from, or [cleaning] leaves nothing of it")


def sample(items: Iterable[Item], most: int, seed: int) -> list[Item]:
    """All of them where they are `most` or fewer, else `most` drawn at random, each as likely; in their order."""
    generator, found = random.Random(seed), []
    for index, item in enumerate(items):
        if index < most:
            found.append((index, item))
        elif (place := generator.randrange(index + 1)) < most:
            found[place] = index, item
    return [item for _, item in sorted(found, key=itemgetter(0))]


def _rows(data: DataConfig, *, replace: bool) -> Iterator[tuple[tuple[str, ...], Row]]:
    for corpus in data.corpora:
        languages = tuple(sorted({language for pair in language_pairs(data, corpus) for language in pair}))
        for row in corpus.lines(languages, replace=replace):
            yield languages, row


def _checked(tokenizer: SentencePieceTokenizer, config: TrainingConfig) -> SentencePieceTokenizer:
    if tokenizer.size != config.model.vocabulary_size:
        start = config.training.start_from
        whose = "the tokenizer's size" if start is None else f"as the model of training.start_from has it ({start})"
        raise ConfigError("model.vocabulary_size", config.model.vocabulary_size, f"{tokenizer.size}, {whose}")
    return tokenizer


def language_pairs(data: DataConfig, corpus: CorpusFiles) -> list[LanguagePair]:
    """The pairs of languages of `corpus` that a direction needs, each in alphabetical order."""
    wanted = [sorted(pair) for pair in data.language_pairs if corpus.serves(*pair)]
    return list(dict.fromkeys((first, second) for first, second in wanted))


def language_tags(data: DataConfig) -> list[str]:
    """One for each target language where there are several; a model of one target language needs none."""
    targets = data.target_languages
    return [language_tag(target) for target in targets] if len(targets) > 1 else []


def target_tags(data: DataConfig, tokenizer: Tokenizer) -> dict[str, int | None]:
    """The id of each target language's tag, None where the tokenizer has none and none is needed."""
    tags = {target: tokenizer.id_of(language_tag(target)) for target in data.target_languages}
    missing = [language_tag(target) for target, tag in tags.items() if tag is None]
    if missing and len(tags) > 1:
        allowed = f"one target language, or a vocabulary with {', '.join(missing)}, which tell several apart"
        raise ConfigError("data.directions", list(data.directions), allowed)
    return tags
