"""The words that are learnt are those of the sources, in their language, met more than once."""

from pathlib import Path

import pytest

import training.words
from nmt.known_words import KnownWords
from nmt.tokenizer import SentencePieceTokenizer
from training.config import DataConfig
from training.corpus import ParallelCorpus, load_corpus
from training.words import learnt_words


def corpus(folder: Path, tokenizer: SentencePieceTokenizer, *directions: str) -> ParallelCorpus:
    (folder / "t.en").write_text("The dog sees a cat.\nA dog runs.\nA DOG sleeps.\nThe cat plays.\n")
    (folder / "t.de").write_text("Der Hund sieht eine Katze.\nEin Hund rennt.\nEin Hund schläft.\nDie Katze spielt.\n")
    files = {"en": "t.en", "de": "t.de"}
    data = DataConfig(folder=str(folder), directions=directions, train=(files,), validation=files)
    return load_corpus(data, data.corpora, tokenizer)[0]


def test_words_of_sources_that_are_met_twice(tmp_path: Path, tokenizer: SentencePieceTokenizer) -> None:
    words = learnt_words(corpus(tmp_path, tokenizer, "en-de"), tokenizer)
    assert len(words) == 4 and words.knows("en", "The dog: a cat!")
    assert not words.knows("en", "runs") and not words.knows("de", "Hund")


def test_each_language_that_is_read_has_its_own(tmp_path: Path, tokenizer: SentencePieceTokenizer) -> None:
    words = learnt_words(corpus(tmp_path, tokenizer, "en-de", "de-en"), tokenizer)
    assert words.knows("de", "ein Hund") and words.knows("de", "Katze") and not words.knows("de", "dog")


def test_of_a_large_corpus_a_part_is_looked_at(
    tmp_path: Path, tokenizer: SentencePieceTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.words, "LOOKED_AT", 2)
    words = learnt_words(corpus(tmp_path, tokenizer, "en-de"), tokenizer)
    assert words.knows("en", "the dog sees a cat") and words.knows("en", "sleeps") and not words.knows("en", "runs")


def test_a_line_counts_once_however_often_it_stands(tmp_path: Path, tokenizer: SentencePieceTokenizer) -> None:
    (tmp_path / "t.en").write_text("The dog barks.\nThe dog barks.\nThe dog.\n")
    (tmp_path / "t.de").write_text("Der Hund bellt.\nDer Hund bellt.\nDer Hund.\n")
    files = {"en": "t.en", "de": "t.de"}
    data = DataConfig(folder=str(tmp_path), directions=("en-de",), train=(files, files), validation=files)
    words = learnt_words(load_corpus(data, data.corpora, tokenizer)[0], tokenizer)
    assert words.knows("en", "the dog") and not words.knows("en", "barks")


def test_words_of_synthetic_sources_are_not_learnt_unless_there_are_no_others(
    tmp_path: Path, tokenizer: SentencePieceTokenizer
) -> None:
    (tmp_path / "t.en").write_text("The dog barks.\nA dog runs.\n")
    (tmp_path / "t.de").write_text("Der Hund bellt.\nEin Hund rennt.\n")
    (tmp_path / "back.en").write_text("The hound barkes.\nA hound barkes.\n")
    files, back = {"en": "t.en", "de": "t.de"}, {"en": "back.en", "de": "t.de", "synthetic": "en"}

    def learnt(*corpora: dict[str, str]) -> KnownWords:
        directions = ("en-de", "de-en")
        data = DataConfig(folder=str(tmp_path), directions=directions, train=corpora, validation=files)
        return learnt_words(load_corpus(data, data.corpora, tokenizer)[0], tokenizer)

    both, alone = learnt(files, back), learnt(back)
    assert both.knows("en", "dog") and not both.knows("en", "hound") and both.knows("de", "Hund")
    assert alone.knows("en", "hound barkes")


def test_sources_that_no_person_has_written_count_where_no_other_pair_is_left(
    tmp_path: Path, tokenizer: SentencePieceTokenizer
) -> None:
    corpus(tmp_path, tokenizer, "en-de")
    (tmp_path / "none.en").write_text("\n")
    (tmp_path / "none.de").write_text("\n")
    made = {"en": "t.en", "de": "t.de", "synthetic": "en"}
    files = {"en": "none.en", "de": "none.de"}
    data = DataConfig(folder=str(tmp_path), directions=("en-de",), train=(files, made), validation=files)
    words = learnt_words(load_corpus(data, data.corpora, tokenizer)[0], tokenizer)
    assert words.knows("en", "the dog")
