"""Names of people and places in English, German, French and Spanish, and made-up ones."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nmt.text.listed import listed

LANGUAGES = ("en", "de", "fr", "es")
"""The languages that names, numbers and templates are known in, in the order of the columns of their lists."""

Forms = Mapping[str, str]
"""What one thing is called, by language."""

VOWELS = "aeiouáàâäéèêëíîïóôöúûüœæ"
_BEGINNINGS = listed("b br c ch d dr f g gr h j k kl kr l m n p pr qu r s sch sh st t th tr v w y z")
_MIDDLES = listed("b d dr f g k l ll lm ln m mb n nd nn nt p r rd rk rl rn rr rt s ss st t tt v x z")
_SOUNDS = listed("a a a a a e e e e e i i i i o o o o u u u ai au ea ei ie ou ö ü é á ó")
_ENDINGS = {
    "male": ["", "n", "r", "s", "l", "k", "t", "d", "m", "x", "o", "us", "in"],
    "female": ["", "a", "na", "ra", "la", "ne", "ia", "lie", "th", "ta"],
    "surname": ["", "n", "r", "s", "son", "er", "ski", "ez", "ini", "mann", "ic", "ov", "ard", "wicz", "oğlu"],
}


@dataclass(frozen=True)
class Country:
    """A country's name without its article and with it (the same where it has none), and its German dative."""

    name: Forms
    full: Forms
    dative: str

    @property
    def articles(self) -> tuple[str, ...]:
        """What must be the same for two countries to stand in the same sentences: their articles, in all languages."""
        return tuple(self.full[language].removesuffix(self.name[language]) for language in LANGUAGES)

    def located(self) -> Forms:
        """`in` it, in French; `en`, `au`, `aux` or `à`."""
        name, full = self.name["fr"], self.full["fr"]
        if full.startswith(("le ", "les ")):
            return {"fr": f"{'au' if full.startswith('le ') else 'aux'} {name}"}
        bare = full == name and name[0].lower() not in VOWELS + "h"
        return {"fr": f"{'à' if bare else 'en'} {name}"}

    def origin(self) -> Forms:
        """`from` it, in French and Spanish."""
        name, full = self.name["fr"], self.full["fr"]
        if full.startswith(("le ", "les ")):
            french = f"{'du' if full.startswith('le ') else 'des'} {name}"
        else:
            french = f"d'{name}" if name[0].lower() in VOWELS + "h" else f"de {name}"
        return {"fr": french, "es": f"de {self.full['es']}".replace("de el ", "del ")}


@dataclass(frozen=True)
class Known:
    """A name that corpora repeat: what kind it is, and the forms it has in each language."""

    kind: str
    forms: Mapping[str, tuple[str, ...]]


def invented(kind: str, chance: random.Random) -> str:
    """A name that can be said and that nobody has, or hardly anybody; `kind` is male, female or surname."""
    syllables = 1 + chance.randrange(2)
    name = chance.choice([*_BEGINNINGS, "", ""]) + chance.choice(_SOUNDS)
    for _ in range(syllables):
        name += chance.choice(_MIDDLES) + chance.choice(_SOUNDS)
    ending = chance.choice(_ENDINGS[kind])
    if ending[:1] and ending[0] in VOWELS:
        name = name.rstrip(VOWELS)
    return (name + ending).capitalize()


def given_name(gender: str, share_invented: float, chance: random.Random) -> str:
    """The name of a man or a woman: from the list, or made up."""
    return invented(gender, chance) if chance.random() < share_invented else chance.choice(people(gender))


def surname(share_invented: float, chance: random.Random) -> str:
    return invented("surname", chance) if chance.random() < share_invented else chance.choice(people("surnames"))


@cache
def people(name: str) -> tuple[str, ...]:
    """The list `male`, `female` or `surnames`."""
    return tuple(_read(name).split())


@cache
def cities() -> tuple[Forms, ...]:
    return tuple(dict(zip(LANGUAGES, columns, strict=True)) for columns in table("cities"))


@cache
def countries() -> tuple[Country, ...]:
    return tuple(map(_country, table("countries")))


@cache
def known() -> tuple[Known, ...]:
    """Names of people that corpora repeat, then all cities."""
    return (
        *(Known(kind, dict(zip(LANGUAGES, map(_alternatives, rest), strict=True))) for kind, *rest in table("known")),
        *(Known("city", {language: (form,) for language, form in city.items()}) for city in cities()),
    )


@cache
def titles(gender: str) -> tuple[Mapping[str, tuple[str, ...]], ...]:
    """What a man or a woman is called by before a surname that begins a sentence: the alternatives in each language."""
    rows = (rest for kind, *rest in table("titles") if kind == gender)
    return tuple(dict(zip(LANGUAGES, map(_alternatives, columns), strict=True)) for columns in rows)


def titled(gender: str, share_invented: float, chance: random.Random) -> Forms:
    """A title and a surname, as they begin a sentence: Mr. Miller; Herr Miller; M. Miller; El señor Miller."""
    name, said = surname(share_invented, chance), chance.choice(titles(gender))
    return {language: f"{chance.choice(said[language])} {name}" for language in LANGUAGES}


def table(name: str) -> Iterator[list[str]]:
    """The rows of a list, each with all its columns: one that stands alone is the same in all languages."""
    for line in _read(name).splitlines():
        columns = line.split(" | ")
        yield columns * len(LANGUAGES) if len(columns) == 1 else columns


def _country(columns: list[str]) -> Country:
    german, _, dative = columns[1].partition(" / ")
    full = dict(zip(LANGUAGES, [columns[0], german, *columns[2:]], strict=True))
    return Country({language: _bare(name, language) for language, name in full.items()}, full, dative or german)


def _bare(name: str, language: str) -> str:
    articles = {
        "en": ["the "],
        "de": ["der ", "die ", "das "],
        "fr": ["le ", "la ", "les ", "l'"],
        "es": ["el ", "la ", "los ", "las "],
    }
    return next((name.removeprefix(article) for article in articles[language] if name.startswith(article)), name)


def _alternatives(column: str) -> tuple[str, ...]:
    return tuple(column.split(" / "))


def _read(name: str) -> str:
    return files("training.augmentation").joinpath("lists", f"{name}.txt").read_text(encoding="utf-8")
