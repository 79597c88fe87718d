import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.augmentation.names import LANGUAGES
from training.augmentation.values import (
    date,
    day,
    draw_values,
    half_day,
    other_number,
    price,
    time_of_day,
    whole_number,
)


def test_each_language_writes_numbers_in_its_way() -> None:
    assert [whole_number(12_500, code) for code in LANGUAGES] == ["12,500", "12.500", "12 500", "12.500"]
    assert [price(12.5, "€", code) for code in LANGUAGES] == ["€12.50", "12,50 €", "12,50 €", "12,50 €"]
    assert [time_of_day(7, 5, code) for code in LANGUAGES] == ["7:05", "7:05 Uhr", "7 h 05", "7:05"]
    assert [half_day(9, 0, code) for code in LANGUAGES] == ["9 a.m.", "9 Uhr", "9 h", "9 de la mañana"]
    assert [half_day(14, 30, code) for code in LANGUAGES] == ["2:30 p.m.", "14:30 Uhr", "14 h 30", "2:30 de la tarde"]
    assert [day(1, 2, code) for code in LANGUAGES] == ["March 1", "1. März", "1er mars", "1 de marzo"]
    assert [date(3, 0, 1999, code) for code in LANGUAGES] == [
        "January 3, 1999", "3. Januar 1999", "3 janvier 1999", "3 de enero de 1999",
    ]  # fmt: skip


@given(st.integers())
def test_all_values_are_in_all_languages(seed: int) -> None:
    for forms in draw_values(random.Random(seed)).values():
        assert set(forms) == set(LANGUAGES) and all(forms.values())


def test_an_endless_number_stays() -> None:
    assert other_number(("1" * 5000, "1" * 5000), ("de", "en"), random.Random(1)) is None


@given(st.integers())
def test_a_number_is_replaced_on_both_sides(seed: int) -> None:
    changed = other_number(("Wir sind 25 Leute.", "We are 25 people."), ("de", "en"), random.Random(seed))
    assert changed is not None
    number = changed[0].removeprefix("Wir sind ").removesuffix(" Leute.")
    assert 25 <= int(number) <= 31 and changed[1] == f"We are {number} people."


def test_each_side_keeps_its_way_of_writing() -> None:
    changed = other_number(("12.500 Leute", "12,500 people"), ("de", "en"), random.Random(1))
    assert changed is not None and changed[0].replace(".", ",").split()[0] == changed[1].split()[0]
    changed = other_number(("Il est 2 h 30.", "It's 2:30."), ("fr", "en"), random.Random(1))
    assert changed is not None and changed[0].replace(" h ", ":")[7:] == changed[1][5:]


def test_what_only_holds_the_same_digits_stays() -> None:
    changed = other_number(
        ("Mein 3D-Drucker druckt 3 Teile.", "My 3rd printer prints 3 parts."), ("de", "en"), random.Random(1)
    )
    assert changed is not None
    assert changed[0].startswith("Mein 3D-Drucker druckt ") and changed[1].startswith("My 3rd printer prints ")


@pytest.mark.parametrize(
    "pair",
    [
        ("Um 14:30 Uhr.", "At 2:30."),
        ("Zwei Hunde.", "2 dogs."),
        ("1 Hund.", "1 dog."),
        ("3 von 4", "3 of 4"),
        ("Am 3. Mai", "On May 3rd"),
        ("Keine Zahl.", "No number."),
    ],
)
def test_what_is_not_one_and_the_same_number_stays(pair: tuple[str, str]) -> None:
    assert other_number(pair, ("de", "en"), random.Random(1)) is None
