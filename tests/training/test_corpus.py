"""Parallel files to examples and batches; what is wrong with a file is said with its name."""

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import zstandard

from nmt.errors import ConfigError, DataError
from nmt.tokenizer import SentencePieceTokenizer, train_sentencepiece
from nmt.vocabulary import BOS, EOS, PAD
from training.config import DataConfig
from training.corpus import CorpusReport, ParallelCorpus, load_corpus

EN = ["A dog runs.", "Two children play in the sand.", "Good morning!"]
DE = ["Ein Hund läuft.", "Zwei Kinder spielen im Sand.", "Guten Morgen!"]


def write(path: Path, lines: Sequence[str]) -> None:
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())


def data(folder: Path, directions: Sequence[str] = ("en-de",), max_length: int = 100, corpora: int = 1) -> DataConfig:
    return DataConfig(
        folder=str(folder),
        directions=tuple(directions),
        train=tuple({"en": f"{i}.en", "de": f"{i}.de"} for i in range(corpora)),
        validation={"en": "0.en", "de": "0.de"},
        max_length=max_length,
    )


def load(config: DataConfig, tokenizer: SentencePieceTokenizer, most: int = 0) -> tuple[ParallelCorpus, CorpusReport]:
    return load_corpus(config, config.corpora, tokenizer, most=most)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "0.en", EN)
    write(tmp_path / "0.de", DE)
    return tmp_path


def examples(corpus: ParallelCorpus) -> list[tuple[list[int], list[int]]]:
    """Source and target ids, one batch for each example."""
    found = []
    for index in range(len(corpus)):
        batch = corpus.batch(np.array([index]))
        found.append((batch.source.tokens_BS[0].tolist(), batch.target_out_BT[0].tolist()))
    return found


def expected(tokenizer: SentencePieceTokenizer, target: str, pairs: Mapping[str, str]) -> list[object]:
    tag = tokenizer.id_of(f"<2{target}>")
    ids = tokenizer.encode_lines
    return [([tag, *ids([source])[0], EOS], [*ids([answer])[0], EOS]) for source, answer in pairs.items()]


def test_an_example_is_tag_pieces_end_and_pieces_end(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    corpus, report = load(data(folder), tokenizer)
    assert examples(corpus) == expected(tokenizer, "de", dict(zip(EN, DE, strict=True)))
    assert report == CorpusReport(pairs=3, examples=3, empty=0, too_long=0, max_length=100)


def test_one_pair_of_files_serves_both_directions(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    corpus, report = load(data(folder, ["en-de", "de-en"]), tokenizer)
    forward = expected(tokenizer, "de", dict(zip(EN, DE, strict=True)))
    assert examples(corpus) == forward + expected(tokenizer, "en", dict(zip(DE, EN, strict=True)))
    assert (report.pairs, report.examples) == (3, 6)


def test_a_corpus_may_be_for_some_directions_alone(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    config = data(folder, ["en-de", "de-en"], corpora=1)
    one_way = {**config.train[0], "directions": ("de-en",)}
    corpus, report = load(replace(config, train=(*config.train, one_way)), tokenizer)
    assert report.pairs == 2 * len(EN) and len(corpus) == 3 * len(EN)
    assert [one.name for one in corpus.directed] == [
        "data.train[0] en-de",
        "data.train[0] de-en",
        "data.train[1] de-en",
    ]


def test_corpora_follow_each_other(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    write(folder / "1.en", ["Please close the door."])
    write(folder / "1.de", ["Bitte schließen Sie die Tür."])
    corpus, report = load(data(folder, ["de-en"], corpora=2), tokenizer)
    assert examples(corpus)[-1:] == expected(
        tokenizer, "en", {"Bitte schließen Sie die Tür.": "Please close the door."}
    )
    assert report.examples == 4
    assert corpus.describe(np.array([3, 2, 0])) == "lines 1, 3 of data.train[0] de-en; lines 1 of data.train[1] de-en"


def test_a_tokenizer_without_tags_serves_one_target_language(folder: Path, sentences: list[str]) -> None:
    plain = train_sentencepiece(sentences, vocabulary_size=380)
    corpus, _ = load(data(folder), plain)
    assert examples(corpus)[0][0] == [*plain.encode_lines(EN[:1])[0], EOS]
    with pytest.raises(ConfigError, match=r"data\.directions: .*<2de>, <2en>"):
        load(data(folder, ["en-de", "de-en"]), plain)


def test_a_batch_is_its_examples_padded(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    corpus, _ = load(data(folder, ["en-de", "de-en"]), tokenizer)
    order = np.array([4, 0, 2, 1])
    batch, alone = corpus.batch(order), examples(corpus)
    source_lengths, target_lengths = corpus.lengths(order)
    assert batch.source.lengths_B.tolist() == source_lengths.tolist()
    assert batch.target_tokens == target_lengths.sum() == int(batch.target_mask_BT.sum())
    for row, index in enumerate(order):
        source, target = alone[index]
        width, length = batch.source.tokens_BS.shape[1], batch.target_out_BT.shape[1] - len(target)
        assert batch.source.tokens_BS[row].tolist() == source + [PAD] * (width - len(source))
        assert batch.target_out_BT[row].tolist() == target + [PAD] * length
        assert batch.target_in_BT[row].tolist() == [BOS, *target[:-1]] + [PAD] * length
    assert batch.source.tokens_BS.dtype == batch.target_in_BT.dtype == torch.int64
    assert batch.to("cpu").describe() == "lines 1, 2, 3 of data.train[0] en-de; lines 2 of data.train[0] de-en"


def test_empty_and_long_pairs_are_left_out_and_counted_once(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    write(folder / "0.en", ["A dog.", "", " \t\u00a0", "sand " * 60, "Yes.", "Sand."])
    write(folder / "0.de", ["Ein Hund.", "Ja.", "Ja.", "Ja.", "Sand " * 60, ""])
    corpus, report = load(data(folder, ["en-de", "de-en"], max_length=50), tokenizer)
    assert report == CorpusReport(pairs=6, examples=2, empty=3, too_long=2, max_length=50)
    assert str(report) == (
        "6 pairs read, 2 examples; skipped for an empty side: 3; skipped as longer than 50 pieces (data.max_length): 2"
    )
    assert corpus.describe(np.array([0, 1])) == "lines 1 of data.train[0] en-de; lines 1 of data.train[0] de-en"


def test_a_pair_of_just_the_longest_length_stays(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    longest = max(len(ids) for ids in tokenizer.encode_lines(EN + DE))
    assert load(data(folder, max_length=longest), tokenizer)[1].too_long == 0
    assert load(data(folder, max_length=longest - 1), tokenizer)[1].too_long == 1


def test_only_line_feeds_end_lines(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    odd = ["one\u2028two", "three\x0bfour\x0c", "five\x85six\rseven"]
    (folder / "0.en").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(odd).encode())
    corpus, report = load(data(folder), tokenizer)
    assert report.pairs == 3
    assert examples(corpus) == expected(tokenizer, "de", dict(zip(odd, DE, strict=True)))


def test_the_first_lines_only(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    assert load(data(folder), tokenizer, most=2)[1].pairs == 2


def test_a_missing_file_is_named_with_its_key(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    (folder / "0.de").unlink()
    with pytest.raises(DataError, match=r"can't read .*0\.de: No such file.*data\.train\[0\]\.de"):
        load(data(folder), tokenizer)


def test_files_of_unequal_length_are_named_with_their_counts(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    write(folder / "0.de", DE[:2])
    with pytest.raises(DataError, match=r"0\.de has 2.*0\.en has 3.*data\.train\[0\]"):
        load(data(folder), tokenizer)


def test_a_line_that_is_not_utf_8_is_named(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    (folder / "0.en").write_bytes(b"good\nb\xe4d\ngood\n")
    with pytest.raises(DataError, match=r"0\.en, line 2: not UTF-8.*data\.train\[0\]\.en"):
        load(data(folder), tokenizer)


@pytest.mark.parametrize("lines", [[], ["", "  "]])
def test_a_corpus_with_nothing_in_it_is_refused(
    folder: Path, tokenizer: SentencePieceTokenizer, lines: list[str]
) -> None:
    write(folder / "0.en", lines)
    write(folder / "0.de", lines)
    with pytest.raises(DataError, match=r"data\.train\[0\]: no pair is left in the direction en-de: "):
        load(data(folder), tokenizer)


def test_held_out_files_go_by_their_own_key(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    (folder / "0.de").unlink()
    config = data(folder)
    with pytest.raises(DataError, match=r"given by data\.validation\.de"):
        load_corpus(config, [config.held_out], tokenizer)


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("suffix", list(COMPRESS))
def test_compressed_files_and_tables_read_as_plain_ones(
    folder: Path, tokenizer: SentencePieceTokenizer, suffix: str
) -> None:
    plain, report = load(data(folder, ["en-de", "de-en"]), tokenizer)
    rows = "".join(f"{number}\t{de}\tx\t{en}\tmore\n" for number, (en, de) in enumerate(zip(EN, DE, strict=True)))
    (folder / f"pairs.tsv{suffix}").write_bytes(COMPRESS[suffix](rows.encode()))
    for language in ("en", "de"):
        (folder / f"c.{language}{suffix}").write_bytes(COMPRESS[suffix]((folder / f"0.{language}").read_bytes()))
    for entry in (
        {"en": f"c.en{suffix}", "de": f"c.de{suffix}"},
        {"file": f"pairs.tsv{suffix}", "columns": ("", "de", "", "en")},
    ):
        config = replace(data(folder, ["en-de", "de-en"]), train=(entry,), validation=entry)
        for corpora in (config.corpora, [config.held_out]):
            found, again = load_corpus(config, corpora, tokenizer)
            assert (examples(found), again) == (examples(plain), report)


def test_a_table_with_too_few_columns_is_named(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    write(folder / "pairs.tsv", ["a\tb", "c"])
    config = replace(data(folder), train=({"file": "pairs.tsv", "columns": ("en", "de")},))
    with pytest.raises(DataError, match=r"pairs\.tsv, line 2: 1 column, expected at least 2 .*data\.train\[0\]\.file"):
        load(config, tokenizer)


def test_an_example_is_its_pieces(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    corpus, _ = load(data(folder, ["en-de", "de-en"]), tokenizer)
    found = corpus.examples(np.array([4, 0]))
    assert [example.source.tolist() for example in found] == tokenizer.encode_lines([DE[1], EN[0]])
    assert [example.target.tolist() for example in found] == tokenizer.encode_lines([EN[1], DE[0]])
    assert [example.tag for example in found] == [tokenizer.id_of("<2en>"), tokenizer.id_of("<2de>")]


def test_other_texts_have_another_fingerprint(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    def fingerprint(*directions: str) -> int:
        return load(data(folder, directions), tokenizer)[0].fingerprint()

    before = fingerprint("en-de")
    assert before == fingerprint("en-de") != fingerprint("de-en")
    write(folder / "0.en", [*EN[:2], "Good morning?"])
    assert fingerprint("en-de") != before
