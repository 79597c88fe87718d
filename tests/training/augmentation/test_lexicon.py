"""Words and phrases of a toy language that is English word for word, some of it in another order."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from training.alignment import UNLINKED
from training.augmentation import lexicon
from training.augmentation.config import LexiconConfig
from training.augmentation.lexicon import LONGEST, PhraseTable, Sentence, align, phrase_spans
from training.augmentation.text import Case, Pair, Token, tokens

WORDS = {
    "the": "lo", "dog": "Kan", "cat": "Mio", "bird": "Avi", "house": "Dom", "sees": "vid",
    "likes": "lub", "eats": "man", "big": "gro", "small": "pik", "red": "rud", "always": "sem",
}  # fmt: skip


def toy_pairs(count: int) -> list[Pair]:
    """The big dog sees the small cat: Lo Kan gro vid lo Mio pik. An adjective stands behind its noun."""
    chance = random.Random(1)
    pairs = []
    for _ in range(count):
        nouns, adjectives = (
            chance.choices(["dog", "cat", "bird", "house"], k=2),
            chance.choices(["big", "small", "red"], k=2),
        )
        verb = chance.choice(["sees", "likes", "eats"])
        english = f"The {adjectives[0]} {nouns[0]} {verb} the {adjectives[1]} {nouns[1]}."
        said = [WORDS[w] for w in ("the", nouns[0], adjectives[0], verb, "the", nouns[1], adjectives[1])]
        toy = " ".join(said) + "."
        kind = chance.random()
        if kind < 0.3:
            english, toy = english.replace(f"the {adjectives[1]}", "the"), toy.rsplit(" ", 1)[0] + "."
        elif kind < 0.6:
            english, toy = f"The {nouns[0]} {verb}.", f"lo {WORDS[nouns[0]]} {WORDS[verb]}."
        pairs.append((english, toy[0].upper() + toy[1:]))
    return pairs


@pytest.fixture(scope="module")
def table() -> PhraseTable:
    return PhraseTable(toy_pairs(400), ("en", "xx"), LexiconConfig(max_words=3))


@pytest.mark.parametrize("swapped", [False, True])
def test_the_words_of_a_toy_language_are_learnt_that_can_end_a_sentence(table: PhraseTable, swapped: bool) -> None:
    entries = {entry.source: entry.target for entry in table.entries(swapped=swapped)}
    known = {toy: english for english, toy in WORDS.items()} if swapped else WORDS
    ending = {"dog", "cat", "bird", "house", "sees", "likes", "eats"}
    words = {source: target for source, target in entries.items() if " " not in source}
    assert words == {source: target for source, target in known.items() if ending & {source, target}}


def test_phrases_are_in_the_order_of_each_language(table: PhraseTable) -> None:
    phrases = {entry.source: entry.target for entry in table.entries()}
    assert phrases["the big dog"] == "lo Kan gro"
    assert phrases["red house"] == "Dom rud"
    assert "the big" not in phrases and "dog sees the" not in phrases


def test_rare_words_are_left_out() -> None:
    pairs = [*toy_pairs(200), ("The dog always sees the cat.", "Lo Kan sem vid lo Mio.")]
    assert "always" not in {entry.source for entry in PhraseTable(pairs, ("en", "xx"), LexiconConfig()).entries()}


def test_a_sentence_translated_often_is_one_witness() -> None:
    variants = [("The odd dog.", f"Lo Kan {word} strana.") for word in ("uno", "duo", "tri", "kvar")]
    entries = PhraseTable([*toy_pairs(200), *variants], ("en", "xx"), LexiconConfig()).entries()
    assert "odd" not in {entry.source for entry in entries}


def test_links_point_to_the_source() -> None:
    pairs = toy_pairs(300)
    sides = [[tokens(pair[side], "en") for pair in pairs] for side in (0, 1)]
    for source, target, links in zip(*sides, align(sides[0], sides[1], 0.3), strict=True):
        for token, origin in zip(target, links, strict=True):
            if origin != UNLINKED and token.text.lower() != "lo":
                assert WORDS.get(source[origin].text.lower(), ".").lower() == token.text.lower()


def test_phrases_are_consistent_with_the_links() -> None:
    source, target = (Sentence(text, tokens(text, "en"), Case([])) for text in ("a b c d", "v w x y"))
    spans = set(phrase_spans(source, target, [1, 0, UNLINKED, 3], 4))
    assert spans == {((0, 1), (1, 2)), ((1, 2), (0, 1)), ((0, 2), (0, 2)), ((3, 4), (3, 4)), ((0, 4), (0, 4))}


def test_a_very_long_line_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []

    def aligned(sources: Sequence[Sequence[Token]], targets: Sequence[Sequence[Token]], agreement: float) -> Any:
        lengths.extend(map(len, [*sources, *targets]))
        return align(sources, targets, agreement)

    monkeypatch.setattr(lexicon, "align", aligned)
    PhraseTable([*toy_pairs(50), ("dog", "Kan " * (LONGEST + 1))], ("en", "xx"), LexiconConfig())
    assert len(lengths) == 100 and max(lengths) <= LONGEST


def test_sentences_that_are_all_too_long_give_no_phrases() -> None:
    long = " ".join(["word"] * (LONGEST + 1))
    table = PhraseTable([(long, long)] * 5, ("de", "en"), LexiconConfig())
    assert not list(table.entries()) and not list(table.entries(swapped=True))
