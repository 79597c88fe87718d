"""BPE-dropout changes the pieces of a text, never the text; the same seed gives the same pieces in every process."""

import io
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import sentencepiece

from nmt.tokenizer import SentencePieceTokenizer
from training.bpe_dropout import BpeDropout, Omissions

OTHER_TEXTS = ["", "naïve 你好", "a  b", "unknownwords ßßß"]
SPELL = """
import sys
from pathlib import Path
from nmt.tokenizer import SentencePieceTokenizer
from training.bpe_dropout import BpeDropout
tokenizer = SentencePieceTokenizer.load(Path(sys.argv[1]))
print(BpeDropout(tokenizer, 0.3)(tokenizer.encode_lines(sys.argv[2:]), seed=7))
"""


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_other_pieces_spell_the_same_texts(
    tokenizer: SentencePieceTokenizer, sentences: list[str], rate: float
) -> None:
    lines = tokenizer.encode_lines([*sentences, *OTHER_TEXTS])
    dropout = BpeDropout(tokenizer, rate)
    first, second, third = (dropout(lines, seed) for seed in (1, 1, 2))
    assert [tokenizer.decode(ids)[0] for ids in first] == [tokenizer.decode(ids)[0] for ids in lines]
    assert first == second
    assert first != lines and first != third
    assert dropout([], 1) == []


def test_where_nothing_is_left_out_pieces_are_those_of_the_tokenizer(
    tokenizer: SentencePieceTokenizer, sentences: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = tokenizer.encode_lines([*sentences, *OTHER_TEXTS])
    monkeypatch.setattr(Omissions, "none_of", lambda self, merges: merges == 0)
    monkeypatch.setattr(Omissions, "is_next", lambda self: False)
    assert BpeDropout(tokenizer, 0.5)(lines, 1) == lines


def test_where_all_is_left_out_pieces_are_characters(tokenizer: SentencePieceTokenizer, sentences: list[str]) -> None:
    lines = tokenizer.encode_lines(sentences)
    pieces = tokenizer.pieces()
    for line in BpeDropout(tokenizer, 1 - 1e-9)(lines, 1):
        assert all(len(pieces[piece]) <= 1 for piece in line)


def test_every_process_draws_alike(tokenizer: SentencePieceTokenizer, sentences: list[str], tmp_path: Path) -> None:
    model = tmp_path / "tokenizer.model"
    model.write_bytes(tokenizer.serialized)
    command = [sys.executable, "-c", SPELL, str(model), *sentences]
    elsewhere = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    here = BpeDropout(tokenizer, 0.3)(tokenizer.encode_lines(sentences), seed=7)
    assert elsewhere == f"{here}\n"


def test_a_piece_that_no_merges_lead_to_stays_whole(sentences: list[str]) -> None:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=model, vocab_size=400, model_type="bpe", byte_fallback=True,
        pad_id=0, unk_id=1, bos_id=2, eos_id=3, user_defined_symbols=["<€>"], minloglevel=2,
    )  # fmt: skip
    tokenizer = SentencePieceTokenizer(model.getvalue())
    symbol = tokenizer.id_of("<€>")
    (line,) = BpeDropout(tokenizer, 0.9)(tokenizer.encode_lines(["dogs<€>cats"]), seed=1)
    assert tokenizer.is_bpe and line.count(symbol or 0) == 1
    assert tokenizer.decode(line)[0] == "dogs<€>cats"


@pytest.mark.parametrize("rate", [0.01, 0.3, 0.9])
def test_each_merge_is_left_out_at_that_rate(rate: float) -> None:
    series = Omissions(rate, seed=1)
    drawn = [series.is_next() for _ in range(20_000)]
    assert abs(sum(drawn) / len(drawn) - rate) < 0.02
    assert drawn != [drawn[0], *drawn[:-1]]
    after = [kept for left_out, kept in pairwise(drawn) if left_out]
    assert abs(sum(after) / len(after) - rate) < 0.1


def test_several_at_once_are_those_one_by_one() -> None:
    one_by_one, together = Omissions(0.2, seed=3), Omissions(0.2, seed=3)
    for merges in [0, 1, 2, 3, 5, 8] * 200:
        expected = [one_by_one.is_next() for _ in range(merges)]
        if together.none_of(merges):
            assert not any(expected)
        else:
            assert [together.is_next() for _ in range(merges)] == expected and any(expected)
