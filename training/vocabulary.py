"""The tokenizer of a run: given, learnt from the corpora, or kept from before."""

from collections.abc import Iterator
from pathlib import Path

from nmt.errors import ConfigError, DataError
from nmt.lines import read_parallel
from nmt.tokenizer import SentencePieceTokenizer, train_sentencepiece
from nmt.vocabulary import language_tag
from training.config import DataConfig, TrainingConfig


def obtain_tokenizer(config: TrainingConfig, kept: Path) -> SentencePieceTokenizer:
    """The tokenizer in the file `kept` where there is one; else that of `data.tokenizer`, or a newly trained one.

    Raises ConfigError where its size is not `model.vocabulary_size`.
    """
    if kept.exists():
        tokenizer = SentencePieceTokenizer.load(kept)
    elif config.data.tokenizer_path is not None:
        tokenizer = SentencePieceTokenizer.load(config.data.tokenizer_path)
    else:
        tokenizer = train_sentencepiece(
            training_lines(config.data), vocabulary_size=config.model.vocabulary_size,
            symbols=language_tags(config.data), seed=config.training.seed,
        )  # fmt: skip
    if tokenizer.size != config.model.vocabulary_size:
        raise ConfigError(
            "model.vocabulary_size", config.model.vocabulary_size, f"{tokenizer.size}, the tokenizer's size"
        )
    return tokenizer


def training_lines(data: DataConfig) -> Iterator[str]:
    """The lines of every corpus in the languages of its directions. Raises DataError where there are none."""
    count = 0
    for corpus in data.train_paths:
        pairs = [pair for pair in data.language_pairs if corpus.keys() >= set(pair)]
        languages = sorted({language for pair in pairs for language in pair})
        for lines in read_parallel([corpus[language] for language in languages]):
            count += 1
            yield from lines
    if count == 0:
        raise DataError(f"data.train has no lines: {', '.join(str(p) for c in data.train_paths for p in c.values())}")


def language_tags(data: DataConfig) -> list[str]:
    """One for each target language where there are several; a model of one target language needs none."""
    targets = data.target_languages
    return [language_tag(target) for target in targets] if len(targets) > 1 else []
