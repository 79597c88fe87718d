"""Pieces broken into smaller ones: the text stays the same."""

from hypothesis import given
from hypothesis import strategies as st

from nmt.identification.config import ClassifierConfig
from nmt.identification.text import TextReader
from training.classification.splitting import PieceSplitter


def spelled(reader: TextReader, ids: list[int]) -> str:
    pieces = reader.pieces()
    return "".join(pieces[i] or f"<{i}>" for i in ids)


def test_the_text_stays_and_the_pieces_get_smaller(tokenizer, sentences) -> None:
    reader = TextReader(tokenizer.serialized)

    @given(
        st.lists(st.sampled_from([*sentences, "🙂", "?"]), min_size=1, max_size=4), st.floats(0, 0.9), st.integers(0, 9)
    )
    def law(texts: list[str], rate: float, seed: int) -> None:
        ids = [reader.read(text, ClassifierConfig()) for text in texts]
        splitter = PieceSplitter(reader, rate)
        found = splitter.split(ids, [seed])
        assert found == splitter.split(ids, [seed])
        assert [spelled(reader, some) for some in found] == [spelled(reader, some) for some in ids]
        assert all(len(some) >= len(before) for some, before in zip(found, ids, strict=True))

    law()


def test_a_high_rate_breaks_and_none_breaks_nothing(tokenizer, sentences) -> None:
    reader = TextReader(tokenizer.serialized)
    ids = [reader.read(text, ClassifierConfig()) for text in sentences]
    assert PieceSplitter(reader, 0).split(ids, [1]) == ids
    assert sum(map(len, PieceSplitter(reader, 0.9).split(ids, [1]))) > 1.5 * sum(map(len, ids))
