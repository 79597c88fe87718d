"""Held-out pairs are found in what is learnt from, whatever white space is around them."""

from pathlib import Path

import pytest

from tests.training.runs import config, train
from training.config import DataConfig
from training.held_out import held_out_pairs, leaks


@pytest.fixture
def data(tmp_path: Path) -> DataConfig:
    texts = {
        "held.xx": "a b\nc d\n", "held.yy": "A B\nC D\n",
        "one.xx": "x\n a b \na b\n", "one.yy": "X\nA B\nA C\n",
        "two.xx": "c d\nc d\n", "two.yy": "C D\nC D\n",
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    corpora = [{"xx": f"{name}.xx", "yy": f"{name}.yy"} for name in ("one", "two")]
    plain = config(tmp_path).to_mapping()["data"]
    return DataConfig.from_mapping(plain | {"train": corpora, "directions": ["yy-xx"]}, "data")


def test_pairs_that_are_held_out_are_counted_in_each_corpus(data: DataConfig) -> None:
    assert [message.partition(" in ")[0] for message in leaks(data)] == [
        "data.train[0]: 1 of its pairs",
        "data.train[1]: 2 of its pairs",
    ]


def test_pairs_are_of_both_sides_in_the_order_asked(data: DataConfig) -> None:
    assert held_out_pairs(data, ("yy", "xx")) == {("A B", "a b"), ("C D", "c d")}
    assert held_out_pairs(data, ("xx", "zz")) == frozenset()


def test_training_says_so(tmp_path: Path) -> None:
    for language in ("xx", "yy"):
        (tmp_path / f"train.{language}").write_text("ab cd\nef gh ij\nkl\n" * 10, encoding="utf-8")
        (tmp_path / f"held.{language}").write_text("ef gh ij\n", encoding="utf-8")
    assert "data.train[0]: 10 of its pairs in xx and yy are in data.validation, too" in train(config(tmp_path))
