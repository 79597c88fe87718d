"""Labelled texts: read, cleared of test texts, parted."""

from pathlib import Path

import pytest

from nmt.errors import DataError
from tests.training.classification.examples import config, lines, write_corpus
from training.classification.corpus import LabelledTexts, read_corpus


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_corpus(tmp_path)
    return tmp_path


def read(folder: Path, seed: int = 1, **data: object):
    return read_corpus(config(folder, data=data).data, seed)


def test_every_text_is_learnt_or_held_out(folder: Path) -> None:
    corpus = read(folder)
    assert corpus.train.labels == corpus.held_out.labels == ("aa", "bb", "cc")
    for label, count in (("aa", 80), ("bb", 40), ("cc", 30)):
        learnt, kept = set(corpus.train.texts[label]), set(corpus.held_out.texts[label])
        assert not learnt & kept
        assert learnt | kept == set(lines(label, count))
        assert len(kept) == len(learnt | kept) // 10
    assert "3 labels" in corpus.report


def test_the_seed_says_what_is_held_out(folder: Path) -> None:
    assert read(folder).fingerprint() == read(folder).fingerprint() != read(folder, seed=2).fingerprint()
    assert len(read(folder, held_out_most=2).held_out) == 6


def test_held_out_files_may_be_given(folder: Path) -> None:
    (folder / "held.tsv").write_text("bb\tKoko to.\n", encoding="utf-8")
    corpus = read(folder, validation=[{"file": "held.tsv"}])
    assert corpus.held_out.texts == {"bb": ["Koko to."]} and len(corpus.train.texts["aa"]) == len(set(lines("aa", 80)))
    (folder / "held.tsv").write_text("dd\tKoko to.\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.validation has the label 'dd'"):
        read(folder, validation=[{"file": "held.tsv"}])


def test_test_texts_are_left_out_case_and_punctuation_aside(folder: Path) -> None:
    unwanted = lines("aa", 80)[0]
    (folder / "test.txt").write_text(unwanted.upper().replace(".", " !!") + "\n", encoding="utf-8")
    corpus = read(folder, exclude=[{"file": "test.txt", "label": "any"}])
    assert unwanted not in {*corpus.train.texts["aa"], *corpus.held_out.texts["aa"]}
    assert "left out as in data.exclude: 1" in corpus.report


def test_languages_get_their_shortest_codes(folder: Path) -> None:
    (folder / "train.tsv").write_text("deu\tEins\neng\tOne\ndeu \tZwei\nde\tZwei\n", encoding="utf-8")
    files = [{"file": "train.tsv"}]
    held = [{"file": "train.tsv"}]
    assert read(folder, train=files, validation=held, labels="languages").train.texts == {
        "de": ["Eins", "Zwei"],
        "en": ["One"],
    }
    assert read(folder, train=files, validation=held).train.labels == ("de", "deu", "eng")
    (folder / "train.tsv").write_text("deu\tEins\nenglish language\tOne\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"train\.tsv, line 2: got the label 'english language', expected a language code"
    ):
        read(folder, train=files, validation=held, labels="languages")


def test_texts_that_are_learnt_and_held_out_are_counted(folder: Path) -> None:
    known = lines("bb", 40)[0]
    (folder / "held.tsv").write_text(f"bb\t{known.upper()}\nbb\tZyx wv.\naa\t{known}\n", encoding="utf-8")
    corpus = read(folder, validation=[{"file": "held.tsv"}])
    assert "\n1 of the texts held out are learnt from, too" in corpus.report
    assert "learnt from, too" not in read(folder).report


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("aa\tba da\nba da\n", r"train\.tsv, line 2: expected label<TAB>text \(data\.train\[0\]"),
        ("aa\tba\n\tda\n", r"train\.tsv, line 2: expected label"),
        ("", "data.train has texts of 1 labels"),
        (b"aa\t\xff\n", r"train\.tsv, line 1: not UTF-8"),
        (None, r"can't read .*train\.tsv"),
    ],
)
def test_faulty_files_are_named(folder: Path, content: str | bytes | None, message: str) -> None:
    path = folder / "train.tsv"
    path.unlink()
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=message):
        read(folder)


def test_too_few_texts_to_hold_any_out(folder: Path) -> None:
    with pytest.raises(DataError, match="nothing is held out"):
        read(folder, held_out=0.001)


def test_words_are_the_different_ones_of_each_label() -> None:
    texts = LabelledTexts({"a": ["Ich bin's, ich!", "(bin) 12 -"], "b": ["¿Qué?"]})
    assert texts.words == [["Ich", "bin", "bin's", "ich"], ["Qué"]]
