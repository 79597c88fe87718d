"""Phrases, and short texts around names, times, dates and prices, in English, German, French and Spanish."""

import random
import re
from collections.abc import Iterator, Mapping

from nmt.text.listed import word_set
from training.augmentation.config import LanguagePair, NamesConfig
from training.augmentation.names import LANGUAGES, Forms, cities, countries, given_name, surname, table
from training.augmentation.substitution import place_in
from training.augmentation.text import Pair, without_final_mark
from training.augmentation.values import draw_values

_FIELD = re.compile(r"{(\w+)}")
_NUMERIC = word_set("time later morning afternoon day date year price percent distance weight number count")


def filled_templates(
    languages: LanguagePair, options: NamesConfig, chance: random.Random, *, numeric: bool
) -> Iterator[Pair]:
    """Each template `options.templates` times: those with numbers, or those with names."""
    for columns in table("templates"):
        template = dict(zip(LANGUAGES, columns, strict=True))
        if _has_numbers(columns[0]) == numeric:
            for _ in range(options.templates):
                values = dict(draw_values(chance)) if numeric else dict(_draw_names(options, chance))
                first, second = (fill(template[language], values, language) for language in languages)
                yield first, second


def listed_phrases(languages: LanguagePair) -> Iterator[Pair]:
    """What people type first: greetings, what is said on a journey, words of a letter, of a page, of a house; with the
    mark at the end and without."""
    for columns in table("phrases"):
        phrase = dict(zip(LANGUAGES, columns, strict=True))
        first, second = (phrase[language] for language in languages)
        yield first, second
        yield without_final_mark(first), without_final_mark(second)


def fill(template: str, values: Mapping[str, Forms], language: str) -> str:
    """`template` with the value of each field, and the words before it as the language wants them then."""
    text, end = "", 0
    for field in _FIELD.finditer(template):
        value = values[field[1]][language]
        text = place_in(text + template[end : field.start()], value, language) + value
        end = field.end()
    text += template[end:]
    return text.replace("in dem ", "im ") if language == "de" else text.replace(".m..", ".m.")


def _draw_names(options: NamesConfig, chance: random.Random) -> Iterator[tuple[str, Forms]]:
    country = chance.choice(countries())
    yield "city", chance.choice(cities())
    yield "country", country.full
    yield "country_name", country.name
    yield "country_dative", {"de": country.dative}
    yield "in_country", country.located()
    yield "from_country", country.origin()
    given, other = (given_name(chance.choice(("male", "female")), options.invented, chance) for _ in range(2))
    for name, gender in (("man", "male"), ("woman", "female")):
        yield name, dict.fromkeys(LANGUAGES, given_name(gender, options.invented, chance))
    family = surname(options.invented, chance)
    for name, said in (("given", given), ("other", other), ("surname", family), ("full", f"{given} {family}")):
        yield name, dict.fromkeys(LANGUAGES, said)


def _has_numbers(template: str) -> bool:
    return any(field in _NUMERIC for field in _FIELD.findall(template))
