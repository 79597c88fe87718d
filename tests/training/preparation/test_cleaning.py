"""Rules of cleaning: each leaves out what it names and nothing else; pairs are judged one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.identification.identifier import LanguageIdentifier
from training.config import CleaningConfig
from training.encoding import KEPT, RULES, judge_lengths
from training.preparation.cleaning import Cleaner

OFF = {"invalid_characters": False, "control_characters": False, "identical": False, "language_confidence": 1.0}
LINE = st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=12)


IDENTIFIER = LanguageIdentifier.load()


def judge(pairs: list[tuple[str, str]], **options: object) -> list[str]:
    """The rule that leaves each pair out, "" where it is kept; rules that are not named are off."""
    config = CleaningConfig.from_mapping({**OFF, **options})
    found = Cleaner(("de", "en"), config, IDENTIFIER).judge(pairs)
    return ["" if verdict == KEPT else RULES[verdict] for verdict in found]


@given(st.lists(st.tuples(LINE, LINE), max_size=5))
def test_with_all_rules_off_only_empty_sides_go(pairs: list[tuple[str, str]]) -> None:
    assert judge(pairs) == ["" if a.strip() and b.strip() else "empty" for a, b in pairs]


@given(st.lists(st.tuples(LINE, LINE), max_size=5))
def test_pairs_are_judged_one_by_one_and_by_the_first_rule(pairs: list[tuple[str, str]]) -> None:
    rules = {"invalid_characters": True, "control_characters": True, "identical": True}
    together = judge(pairs, **rules)
    assert together == [judge([pair], **rules)[0] for pair in pairs]
    for pair, found in zip(pairs, together, strict=True):
        alone = ["empty" if not (pair[0].strip() and pair[1].strip()) else "",
                 *(judge([pair], **{rule: True})[0] for rule in rules)]  # fmt: skip
        assert found == next(filter(None, alone), "")


@pytest.mark.parametrize("character", ["\0", "\x07", "\x0b", "\r", "\x1b", "\x7f", "\x85", "\x9f"])
def test_control_characters(character: str) -> None:
    pairs = [(f"a{character}b", "c"), ("a", f"{character}c"), ("a\tb", "c\u200dd")]
    assert judge(pairs, control_characters=True) == ["control_characters"] * 2 + [""]
    assert judge(pairs) == [""] * 3


@pytest.mark.parametrize("character", ["\ufffd", "\ue000", "\ufdd0", "\uffff", "\U0001ffff", "\U00100000"])
def test_invalid_characters(character: str) -> None:
    pairs = [(f"a{character}", "b"), ("a", character), ("ä", "日本\U0001f600\u00ad")]
    assert judge(pairs, invalid_characters=True) == ["invalid_characters"] * 2 + [""]
    assert judge(pairs) == [""] * 3


def test_sides_that_are_the_same() -> None:
    assert judge([("Ja.", " Ja. "), ("Ja.", "ja.")], identical=True) == ["identical", ""]


def test_a_side_in_another_language() -> None:
    german, english = "Der Hund läuft langsam über die grüne Wiese.", "The dog runs slowly across the green field."
    pairs = [
        (german, english),
        (german, "Wir haben gestern Abend lange miteinander gesprochen."),
        (english, english + " Yes."),
        ("12:30", "?"),
        ("Tom", "Tom!"),
    ]
    assert judge(pairs, language_confidence=0.9) == ["", "wrong_language", "wrong_language", "", ""]
    assert judge(pairs, language_confidence=0.0)[1:3] == ["wrong_language"] * 2
    assert judge(pairs) == [""] * 5


def test_a_language_that_is_not_known_is_not_judged() -> None:
    cleaner = Cleaner(("xx", "yy"), CleaningConfig(), IDENTIFIER)
    assert cleaner.judge([("The dog runs slowly.", "The cat sleeps now.")]).tolist() == [KEPT]


lengths = st.integers(0, 60)


@given(st.lists(st.tuples(lengths, lengths), max_size=8), st.integers(1, 50), st.floats(0, 5))
def test_lengths(pairs: list[tuple[int, int]], longest: int, ratio: float) -> None:
    found = judge_lengths(np.array(pairs, np.int64).reshape(-1, 2), longest, ratio)
    for (first, second), verdict in zip(pairs, found, strict=True):
        least, most = sorted([first, second])
        if least == 0:
            assert RULES[verdict] == "empty"
        elif most > longest:
            assert RULES[verdict] == "too_long"
        elif ratio > 0 and most > 10 and most > ratio * least:
            assert RULES[verdict] == "length_ratio"
        else:
            assert verdict == KEPT
