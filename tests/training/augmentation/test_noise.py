import random
from collections import Counter
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.case import detect_case
from training.augmentation.config import NoiseConfig
from training.augmentation.keyboards import neighbours
from training.augmentation.noise import (
    CHANGES,
    careless,
    in_lower_case,
    in_title_case,
    in_upper_case,
    noisy_examples,
    with_other_marks,
    with_typos,
    without_accents,
    without_apostrophes,
    without_mark,
)

CHANCE = random.Random(1)
SILENT = {field.name: 0.0 for field in fields(NoiseConfig)}
KEEP_TARGETS = sorted(CHANGES.keys() - {"no_final_mark", "careless", "upper_case"})


def test_each_option_is_a_change() -> None:
    assert CHANGES.keys() == SILENT.keys()


@pytest.mark.parametrize("name", KEEP_TARGETS)
@given(st.text(), st.text(), st.sampled_from(["de", "en", "es", "fr"]), st.integers())
def test_targets_stay(name: str, source: str, target: str, language: str, seed: int) -> None:
    assert CHANGES[name]((source, target), language, random.Random(seed))[1] == target


@given(st.sampled_from(["Wir gehen jetzt nach Hause!", "Hilfe!", "Guten Morgen"]), st.integers())
def test_a_typo_is_one_letter(text: str, seed: int) -> None:
    changed = with_typos((text, "x"), "de", random.Random(seed))[0]
    assert abs(len(changed) - len(text)) <= 1
    difference = (Counter(changed) - Counter(text)) + (Counter(text) - Counter(changed))
    assert difference.total() <= 2
    assert changed[0] == text[0]


def test_short_words_have_no_typos() -> None:
    assert with_typos(("We do go on", "x"), "en", CHANCE)[0] == "We do go on"
    assert with_typos(("town", "x"), "en", CHANCE)[0] == "town"


def test_keys_are_beside_each_other() -> None:
    assert set(neighbours("en")["g"]) == set("fhtyvb")
    assert "z" in neighbours("de")["t"] and "y" in neighbours("en")["t"]
    assert "z" in neighbours("fr")["a"] and "ñ" in neighbours("es")["l"]
    for language in ("de", "en", "es", "fr"):
        keys = neighbours(language)
        assert all(letter in keys[other] for letter in keys for other in keys[letter])


def test_capitals_come_as_a_model_will_see_them() -> None:
    assert in_upper_case(("Ich bin in Rom.", "I am in Rome."), "de", CHANCE) == ("Ich bin in rom.", "I am in Rome.")
    assert in_upper_case(("Halt!", "Stop!"), "de", CHANCE) == ("HALT!", "STOP!")
    assert in_title_case(("Good morning.", "Guten Morgen."), "en", CHANCE)[0] == "Good Morning."
    titled = in_title_case(("The house on the hill", "x"), "en", CHANCE)[0]
    assert titled == "The house on the hill"
    assert in_title_case(("car", "Auto"), "en", CHANCE)[0] == "car"


@given(st.text(max_size=40), st.sampled_from(["de", "en", "es", "fr"]))
def test_what_a_translator_would_recognise_is_not_given_to_a_model(text: str, language: str) -> None:
    source, target = in_upper_case((text, "target"), language, CHANCE)
    recognised = detect_case(text.upper(), language) == "upper"
    assert target == ("target" if recognised else "TARGET")
    assert recognised or source == text.upper()


def test_the_last_mark_goes_on_both_sides_or_on_none() -> None:
    assert without_mark(("¿Vienes?", "Kommst du?"), "es", CHANCE) == ("Vienes", "Kommst du")
    assert without_mark(("Geh.", "Go!"), "de", CHANCE) == ("Geh.", "Go!")


def test_accents_apostrophes_and_marks() -> None:
    assert without_accents(("L'été à Nîmes, œuf", "x"), "fr", CHANCE)[0] == "L'ete a Nimes, oeuf"
    german = {without_accents(("Schöne Grüße", "x"), "de", random.Random(seed))[0] for seed in range(20)}
    assert german == {"Schoene Gruesse", "Schone Grusse"}
    assert without_apostrophes(("I don't", "x"), "en", CHANCE)[0] == "I dont"
    assert with_other_marks(("¿Qué? ¡No!", "x"), "es", CHANCE)[0] == "Qué? No!"
    assert with_other_marks(("Ça va ?", "x"), "fr", CHANCE)[0] == "Ça va?"
    assert with_other_marks(("I'm", "x"), "en", CHANCE)[0] == "I’m"
    assert in_lower_case(("Das Haus.", "The house."), "de", CHANCE) == ("das haus.", "The house.")
    assert careless(("Gehst Du?", "Are you going?"), "de", CHANCE) == ("gehst du", "Are you going")


def test_there_is_as_much_of_each_kind_as_asked_for() -> None:
    pairs = [(f"Satz Nummer {number} steht da.", f"Sentence number {number} is there.") for number in range(100)]
    for name in SILENT:
        options = NoiseConfig(**{**SILENT, name: 0.2})
        made = list(noisy_examples(pairs, "de", options, random.Random(1)))
        assert len(made) == (20 if name not in ("no_accents", "no_apostrophes", "other_marks") else 0)
        assert len(set(made)) == len(made)
    assert not list(noisy_examples(pairs, "de", NoiseConfig(**SILENT), random.Random(1)))
