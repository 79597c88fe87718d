"""Laws of the changes between two sentences: they make up the new one, and hold the words of the old one."""

from hypothesis import given
from hypothesis import strategies as st

from training.report.changes import Piece, changes

SENTENCES = st.text(max_size=20) | st.lists(st.sampled_from(["a", "dog", ",", "犬が"]), max_size=9).map(" ".join)


@given(SENTENCES, SENTENCES)
def test_what_is_kept_and_added_is_the_new_sentence(old: str, new: str) -> None:
    assert "".join(piece.text for piece in changes(old, new) if piece.kind != "removed") == new


@given(SENTENCES, SENTENCES)
def test_what_is_kept_and_removed_has_the_words_of_the_old_sentence(old: str, new: str) -> None:
    found = "".join(piece.text for piece in changes(old, new) if piece.kind != "added")
    assert "".join(found.split()) == "".join(old.split())


@given(SENTENCES)
def test_the_same_sentence_is_kept_whole(text: str) -> None:
    assert all(piece.kind == "kept" for piece in changes(text, text))


def test_words_are_marked_as_a_whole() -> None:
    assert changes("A dog runs.", "A big dog ran.") == [
        Piece("kept", "A"), Piece("added", " big"), Piece("kept", " dog"), Piece("removed", " runs"),
        Piece("added", " ran"), Piece("kept", "."),
    ]  # fmt: skip


def test_words_without_spaces_between_them_are_told_apart() -> None:
    assert Piece("added", "猫") in changes("我有一只狗", "我有一只猫")
