"""Numbers are the same however they are written."""

import pytest

from nmt.text.numbers import numbers_differ, numbers_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000.5", "1.000,50"),
        ("1,000", "1 000"),
        ("1'000'000", "1.000.000"),
        ("3.14", "3,14"),
        ("at 7:45", "um 7.45 Uhr"),
        ("12:30", "12 h 30"),
        ("2024-01-02", "02.01.2024"),
        ("5km", "5 km"),
        ("٣", "3"),
        ("007", "7"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert numbers_of(one) == numbers_of(other) != {}


@pytest.mark.parametrize(("one", "other"), [("1.2", "12"), ("3.14", "314"), ("2020 2021", "2020"), ("12", "21")])
def test_not_the_same(one: str, other: str) -> None:
    assert numbers_of(one) != numbers_of(other)


@pytest.mark.parametrize(
    ("source", "target", "differ"),
    [
        ("I have 3 dogs.", "Ich habe drei Hunde.", False),
        ("I have three dogs.", "Ich habe 3 Hunde.", False),
        ("I have 3 dogs.", "Ich habe vier Hunde.", True),
        ("I have 30 dogs.", "Ich habe Hunde.", True),
        ("A dog.", "Ein Hund.", False),
        ("No numbers.", "1999 Zahlen.", True),
        ("One", "1", False),
    ],
)
def test_translations_are_compared(source: str, target: str, differ: bool) -> None:
    assert numbers_differ(source, "en", target, "de") is differ
