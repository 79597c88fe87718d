import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.augmentation.config import NamesConfig
from training.augmentation.names import LANGUAGES, cities, countries, invented, known, people, titles
from training.augmentation.substitution import Renamer, place_in
from training.augmentation.templates import filled_templates, listed_phrases
from training.augmentation.text import final_mark

OPTIONS = NamesConfig(titled=0.0)


def renamed(pair: tuple[str, str], languages: tuple[str, str], seed: int = 1) -> tuple[str, str] | None:
    return Renamer(languages, OPTIONS).renamed(pair, random.Random(seed))


@given(st.integers())
def test_both_sides_get_the_same_name(seed: int) -> None:
    changed = renamed(("Tom sah Maria gestern.", "Tom saw Mary yesterday."), ("de", "en"), seed)
    assert changed is not None
    german, english = (
        changed[0].removesuffix(" gestern.").split(" sah "),
        changed[1].removesuffix(" yesterday.").split(" saw "),
    )
    assert german == english


@given(st.integers())
def test_places_get_their_name_in_each_language(seed: int) -> None:
    changed = renamed(("Ich wohne in Boston.", "Vivo en Boston."), ("de", "es"), seed)
    assert changed is not None
    german, spanish = changed[0][13:-1], changed[1][8:-1]
    assert (german, spanish) in [(city["de"], city["es"]) for city in cities()]


@given(st.integers())
def test_a_country_is_replaced_by_one_with_the_same_articles(seed: int) -> None:
    changed = renamed(("Il vit au Japon.", "Er lebt in Japan."), ("fr", "de"), seed)
    assert changed is not None
    country = next(one for one in countries() if one.name["de"] == changed[1][11:-1])
    assert country.full["fr"].startswith("le ") and country.full["de"] == country.name["de"]
    assert changed[0] == f"Il vit au {country.name['fr']}."


@pytest.mark.parametrize(
    "pair",
    [
        ("Tom kennt Tom.", "Tom knows Tom."),
        ("Er kommt.", "Tom is coming."),
        ("Tomate", "Tomato"),
        ("Niemand da.", "Nobody here."),
    ],
)
def test_a_name_that_does_not_stand_once_on_each_side_stays(pair: tuple[str, str]) -> None:
    assert renamed(pair, ("de", "en")) is None


def test_genitives() -> None:
    for seed in range(50):
        changed = renamed(("Das ist Toms Buch.", "That is Tom's book."), ("de", "en"), seed)
        assert changed is not None
        name = changed[1].removeprefix("That is ").removesuffix("'s book.")
        ending = "’" if name[-1] in "sßxz" else "s"
        assert changed[0] == f"Das ist {name}{ending} Buch."


TITLED = NamesConfig(titled=1.0, invented=0.0)


@pytest.mark.parametrize(("german", "english"), [("Tom ist da.", "Tom is here."), ("Maria ist da.", "Mary is here.")])
@given(seed=st.integers())
def test_who_begins_both_sentences_may_have_a_title(german: str, english: str, seed: int) -> None:
    changed = Renamer(("de", "en"), TITLED).renamed((german, english), random.Random(seed))
    assert changed is not None
    (title, name), (english_title, same) = (
        side.removesuffix(ending).rsplit(" ", 1)
        for side, ending in zip(changed, (" ist da.", " is here."), strict=True)
    )
    assert name == same and name in people("surnames")
    gender = "male" if german.startswith("Tom") else "female"
    assert any(title in said["de"] and english_title in said["en"] for said in titles(gender))


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Toms Hund bellt.", "Tom's dog barks."),
        ("Tom, komm!", "Tom, come!"),
        ("Tom Jackson schläft.", "Tom Jackson sleeps."),
        ("Das ist Tom.", "Tom is that."),
        ("Tom habe ich gesehen.", "I have seen Tom."),
    ],
)
def test_others_have_none(german: str, english: str) -> None:
    for seed in range(20):
        changed = Renamer(("de", "en"), TITLED).renamed((german, english), random.Random(seed))
        assert changed is not None
        said = {form for gender in ("male", "female") for title in titles(gender) for form in title["en"]}
        assert not any(re.search(rf"(?<!\w){re.escape(form)} ", changed[1]) for form in said)


@pytest.mark.parametrize(
    ("before", "name", "language", "after"),
    [
        ("le livre de ", "Anna", "fr", "le livre d'"),
        ("le livre d'", "Bob", "fr", "le livre de "),
        ("plus grand que ", "Éva", "fr", "plus grand qu'"),
        ("jusque ", "Paris", "fr", "jusque "),
        ("Tom y ", "Inés", "es", "Tom e "),
        ("Tom e ", "Juan", "es", "Tom y "),
        ("Tom o ", "Óscar", "es", "Tom u "),
        ("a book of ", "Anna", "en", "a book of "),
    ],
)
def test_the_word_before_fits(before: str, name: str, language: str, after: str) -> None:
    assert place_in(before, name, language) == after


def test_the_lists_are_whole() -> None:
    assert len(people("male")) + len(people("female")) >= 600 and len(people("surnames")) >= 300
    assert len(cities()) + len(countries()) >= 350
    for city in cities():
        assert set(city) == set(LANGUAGES) and all(city.values())
    assert {name.kind for name in known()} == {"male", "female", "surname", "city"}
    for name in ("male", "female", "surnames"):
        assert len(set(people(name))) == len(people(name))


def test_made_up_names_are_words() -> None:
    chance = random.Random(1)
    for kind in ("male", "female", "surname"):
        made = [invented(kind, chance) for _ in range(200)]
        assert all(name.isalpha() and name[0].isupper() and name[1:].islower() for name in made)
        assert len(set(made)) > 190


@pytest.mark.parametrize("languages", [("de", "en"), ("es", "fr")])
def test_phrases_end_alike_on_both_sides(languages: tuple[str, str]) -> None:
    found = list(listed_phrases(languages))
    assert len(found) >= 700 and all(all(pair) for pair in found)
    for first, second in found:
        assert final_mark(first) == final_mark(second)


@pytest.mark.parametrize("numeric", [False, True])
@pytest.mark.parametrize("languages", [("de", "en"), ("es", "fr")])
def test_templates_are_filled(languages: tuple[str, str], numeric: bool) -> None:
    filled = list(filled_templates(languages, NamesConfig(templates=20), random.Random(1), numeric=numeric))
    assert len(filled) >= 20 * 20
    assert not any("{" in side or "}" in side for pair in filled for side in pair)
    for bad in ("in dem ", "..", " de el ", " de Italie", " de Allemagne", " à Le "):
        assert not any(bad in side for pair in filled for side in pair)
