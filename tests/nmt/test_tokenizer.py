"""Text to ids and back: nothing vanishes, and every piece says where it stands."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import sentencepiece
from hypothesis import example, given
from hypothesis import strategies as st

from nmt.errors import ArtifactError, ConfigError, InputError
from nmt.tokenizer import SentencePieceTokenizer, train_sentencepiece
from nmt.translation import Token
from nmt.vocabulary import EOS, SPECIAL_PIECES, UNK, language_tag

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def check_spans(text: str, tokens: tuple[Token, ...]) -> None:
    """In order, inside the text, no white space at an edge; two pieces share a span or have nothing in common."""
    last = Token("", 0, 0)
    for token in tokens:
        assert 0 <= token.start <= token.end <= len(text)
        assert (token.start, token.end) == (last.start, last.end) or token.start >= last.end
        inside = text[token.start : token.end]
        assert inside == inside.strip()
        last = token


@given(TEXTS)
@example("😀")
@example("A 😀 dog")
@example("½ ﬁsh … Ⅷ")
@example("e\u0301t\u0301")
@example("a\x00b\x01c\x85d\u200be")
@example("👨‍👩‍👧 1️⃣")
def test_any_text_has_a_token_for_each_id_in_its_place(tokenizer: SentencePieceTokenizer, text: str) -> None:
    encoding = tokenizer.encode(text)
    assert len(encoding.ids) == len(encoding.tokens)
    assert UNK not in encoding.ids
    assert not any(token.special for token in encoding.tokens)
    check_spans(text, encoding.tokens)


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_no_visible_character_vanishes(tokenizer: SentencePieceTokenizer, text: str) -> None:
    covered = {place for token in tokenizer.encode(text).tokens for place in range(token.start, token.end)}
    assert {place for place, character in enumerate(text) if character.isalnum()} <= covered


@given(st.lists(st.integers(0, 399)))
def test_any_ids_have_a_text_and_places_in_it(tokenizer: SentencePieceTokenizer, ids: list[int]) -> None:
    text, tokens = tokenizer.decode(ids)
    assert len(tokens) == len(ids)
    check_spans(text, tokens)
    text.encode()


def test_special_ids_are_those_that_stand_for_no_text(tokenizer: SentencePieceTokenizer) -> None:
    tags = {tokenizer.id_of(language_tag("de")), tokenizer.id_of(language_tag("en"))}
    assert tokenizer.special_ids == {0, 1, 2, 3} | tags
    _, tokens = tokenizer.decode(range(tokenizer.size))
    assert {place for place, token in enumerate(tokens) if token.special} == tokenizer.special_ids


def test_sentences_come_back(tokenizer: SentencePieceTokenizer, sentences: list[str]) -> None:
    for sentence in sentences:
        encoding = tokenizer.encode(sentence)
        text, tokens = tokenizer.decode((*encoding.ids, EOS))
        assert text == sentence
        assert tokens[:-1] == encoding.tokens
        assert tokens[-1] == Token("</s>", len(sentence), len(sentence), special=True)


def test_pieces_of_one_character_share_its_span(tokenizer: SentencePieceTokenizer) -> None:
    tokens = tokenizer.encode("A 😀漢.").tokens
    bytes_of_emoji = [token for token in tokens if (token.start, token.end) == (2, 3)]
    assert [token.piece for token in bytes_of_emoji] == ["<0xF0>", "<0x9F>", "<0x98>", "<0x80>"]
    assert [token.piece for token in tokens if token.start == 3] == ["<0xE6>", "<0xBC>", "<0xA2>"]


def test_spans_count_the_text_as_given(tokenizer: SentencePieceTokenizer) -> None:
    text = "  The\u00a0 dog \n runs. "
    tokens = tokenizer.encode(text).tokens
    assert "".join(text[token.start : token.end] for token in tokens) == "Thedogruns."


def test_many_lines_are_as_one_by_one(tokenizer: SentencePieceTokenizer, sentences: list[str]) -> None:
    assert tokenizer.encode_lines(sentences) == [list(tokenizer.encode(sentence).ids) for sentence in sentences]


def test_special_ids_are_where_the_vocabulary_says(tokenizer: SentencePieceTokenizer) -> None:
    assert [tokenizer.id_of(piece) for piece in SPECIAL_PIECES] == [0, 1, 2, 3]
    assert tokenizer.size == 400


def test_typed_text_is_never_a_tag(tokenizer: SentencePieceTokenizer) -> None:
    tag = language_tag("de")
    tag_id = tokenizer.id_of(tag)
    assert tag_id is not None
    assert tokenizer.id_of(language_tag("fr")) is None
    for text in (tag, f"a{tag}", f" {tag} b", "</s>", "<s><pad><unk>"):
        assert not {tag_id, *range(4)} & set(tokenizer.encode(text).ids)


@pytest.mark.parametrize(("text", "place"), [("\ud800", 0), ("ab\udfff c", 2)])
def test_half_a_surrogate_pair_is_refused(tokenizer: SentencePieceTokenizer, text: str, place: int) -> None:
    with pytest.raises(InputError, match=f"lone surrogate .* at character {place}"):
        tokenizer.encode(text)


def test_a_saved_tokenizer_is_the_same(tokenizer: SentencePieceTokenizer, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.model"
    path.write_bytes(tokenizer.serialized)
    loaded = SentencePieceTokenizer.load(path)
    assert loaded.encode("Guten Morgen! 😀") == tokenizer.encode("Guten Morgen! 😀")


def test_a_missing_or_damaged_file_is_named(tokenizer: SentencePieceTokenizer, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.model"
    with pytest.raises(ArtifactError, match=r"tokenizer\.model: No such file"):
        SentencePieceTokenizer.load(path)
    for content in (b"", b"text", tokenizer.serialized[: len(tokenizer.serialized) // 2]):
        path.write_bytes(content)
        with pytest.raises(ArtifactError, match=r"tokenizer\.model: .*not a SentencePiece model"):
            SentencePieceTokenizer.load(path)


def test_other_special_ids_are_refused(sentences: list[str]) -> None:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=model, model_type="bpe", vocab_size=100, minloglevel=2
    )
    with pytest.raises(ArtifactError, match=r"at \(-1, 0, 1, 2\), expected \(0, 1, 2, 3\)"):
        SentencePieceTokenizer(model.getvalue())


def test_a_vocabulary_larger_than_the_text_can_fill_is_refused() -> None:
    with pytest.raises(ConfigError, match="vocabulary_size: got 4000"):
        train_sentencepiece(["a b"], vocabulary_size=4000)


def test_training_again_gives_the_same(sentences: list[str]) -> None:
    first, second = (train_sentencepiece(sentences, vocabulary_size=350) for _ in range(2))
    assert first.serialized == second.serialized


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), SystemExit(143)])
def test_what_ends_the_reading_of_the_text_goes_on(fault: BaseException) -> None:
    def lines() -> Iterator[str]:
        yield "a line"
        raise fault

    with pytest.raises(type(fault)):
        train_sentencepiece(lines(), vocabulary_size=300)
