"""Other names in place of those that a corpus repeats, on both sides at once."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from training.augmentation.config import LanguagePair, NamesConfig
from training.augmentation.names import (
    LANGUAGES,
    VOWELS,
    Country,
    cities,
    countries,
    given_name,
    known,
    surname,
    titled,
)
from training.augmentation.text import Pair
from training.augmentation.values import other_number

_GENITIVE = {"en": "(['’]s)?", "de": "(s)?"}
_FRENCH_BEFORE = re.compile(r"\b(d|(?:jus|lors|puis|quoi)?qu)(?:e |['’])\Z", re.IGNORECASE)
_SPANISH_AND = re.compile(r"(?<!\w)([yeou]) \Z")
_SIBILANTS = ("s", "ß", "x", "z")


class Renamer:
    """Finds the names that it knows in pairs of two languages, and puts others there.

    A name is replaced where one of its forms stands exactly once on each side; a man's by a man's, a woman's by a
    woman's, a country's by one with the same articles. Where it begins both sentences, it may become a title and a
    surname; elsewhere the case that a German title would have can't be told.
    """

    def __init__(self, languages: LanguagePair, options: NamesConfig) -> None:
        self._languages, self._options = languages, options
        self._kinds: list[dict[str, str]] = [{}, {}]  # of each side: form -> which name it is
        self._countries: dict[str, Country] = {}
        self._slots: dict[str, str] = {}
        for number, name in enumerate(known()):
            self._add(str(number), name.kind, {language: name.forms[language] for language in languages})
        for country in countries():
            self._countries[country.name["en"]] = country
            self._add(country.name["en"], "country", {language: (country.name[language],) for language in languages})
        self._patterns = [_pattern(forms, language) for forms, language in zip(self._kinds, languages, strict=True)]
        self._alike: dict[tuple[str, ...], list[Country]] = {}
        for country in countries():
            self._alike.setdefault(country.articles, []).append(country)

    def renamed(self, pair: Pair, chance: random.Random) -> Pair | None:
        """`pair` with other names; None where there is none to replace."""
        found = [self._found(sentence, side) for side, sentence in enumerate(pair)]
        slots = [slot for slot, places in found[0].items() if len(places) == 1 and len(found[1].get(slot, ())) == 1]
        if not slots:
            return None
        new = {slot: self._other(slot, chance, begins=all(_begins(side[slot][0]) for side in found)) for slot in slots}
        first, second = (
            _replaced(sentence, {found[side][slot][0]: new[slot][language] for slot in slots}, language)
            for side, (sentence, language) in enumerate(zip(pair, self._languages, strict=True))
        )
        return first, second

    def _add(self, slot: str, kind: str, forms: Mapping[str, Sequence[str]]) -> None:
        self._slots[slot] = kind
        for side, language in enumerate(self._languages):
            for form in forms[language]:
                self._kinds[side].setdefault(form, slot)

    def _found(self, sentence: str, side: int) -> dict[str, list[re.Match[str]]]:
        found: dict[str, list[re.Match[str]]] = {}
        for match in self._patterns[side].finditer(sentence):
            found.setdefault(self._kinds[side][match[1]], []).append(match)
        return found

    def _other(self, slot: str, chance: random.Random, *, begins: bool) -> Mapping[str, str]:
        kind, share = self._slots[slot], self._options.invented
        if kind == "country":
            return chance.choice(self._alike[self._countries[slot].articles]).name
        if kind == "city":
            return chance.choice(cities())
        if begins and kind != "surname" and chance.random() < self._options.titled:
            return titled(kind, share, chance)
        name = surname(share, chance) if kind == "surname" else given_name(kind, share, chance)
        if kind != "surname" and chance.random() < 0.2:
            name += " " + surname(share, chance)
        return dict.fromkeys(LANGUAGES, name)


def renamed_examples(
    pairs: Sequence[Pair], languages: LanguagePair, options: NamesConfig, chance: random.Random
) -> Iterator[Pair]:
    """`options.share` of the number of pairs, fewer where fewer have names."""
    renamer = Renamer(languages, options)
    yield from _some(pairs, options.share, lambda pair: renamer.renamed(pair, chance), chance)


def renumbered_examples(
    pairs: Sequence[Pair], languages: LanguagePair, options: NamesConfig, chance: random.Random
) -> Iterator[Pair]:
    """`options.numbers_share` of the number of pairs, fewer where fewer have numbers."""
    yield from _some(pairs, options.numbers_share, lambda pair: other_number(pair, languages, chance), chance)


def place_in(before: str, name: str, language: str) -> str:
    """`before`, a sentence up to `name`, as it is said before that: d'Anna, que Tom; e Inés, u Óscar."""
    if language == "fr" and (found := _FRENCH_BEFORE.search(before)):
        return before[: found.end(1)] + ("'" if name[0].lower() in VOWELS else "e ")
    if language == "es" and (found := _SPANISH_AND.search(before)):
        one, other, sounds = ("e", "y", "ií") if found[1] in "ye" else ("u", "o", "oó")
        sound = name.lower().removeprefix("h")[:1]
        return before[: found.start()] + (one if sound and sound in sounds else other) + " "
    return before


def _pattern(forms: Mapping[str, str], language: str) -> re.Pattern[str]:
    """Finds any of `forms` as a word: group 1; group 2 is the ending of its genitive."""
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))}){_GENITIVE.get(language, '()')}(?![\w-])")


def _begins(name: re.Match[str]) -> bool:
    """Whether it stands at the beginning of a sentence that goes on with a word in small letters."""
    return name.start() == 0 and name.string[name.end() :][:2].strip().islower() and not name[2]


def _replaced(sentence: str, new: Mapping[re.Match[str], str], language: str) -> str:
    for match in sorted(new, key=lambda match: -match.start()):
        name, before = new[match], sentence[: match.start()]
        ending = match[2] or ""
        if ending and language == "de":
            ending = "’" if name.endswith(_SIBILANTS) else "s"
        sentence = place_in(before, name, language) + name + ending + sentence[match.end() :]
    return sentence


def _some(
    pairs: Sequence[Pair], share: float, change: Callable[[Pair], Pair | None], chance: random.Random
) -> Iterator[Pair]:
    """Changed pairs, drawn without replacement, until there are `share` of their number or no more."""
    wanted = round(share * len(pairs))
    for pair in chance.sample(pairs, len(pairs)):
        if not wanted:
            return
        if (changed := change(pair)) is not None:
            wanted -= 1
            yield changed
