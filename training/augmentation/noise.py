"""Sources as people type them. Targets stay as they are, but for what belongs to both."""

import random
import re
from collections.abc import Callable, Iterator, Sequence

from nmt.text.case import Case, detect_case, sentence_case
from nmt.text.edits import edit
from training.augmentation.config import NoiseConfig
from training.augmentation.keyboards import neighbours
from training.augmentation.text import Pair, final_mark, without_final_mark
from training.classification.variation import stripped, without_marks

Change = Callable[[Pair, str, random.Random], Pair]

_WORD = re.compile(r"[^\W\d_]+")
_SPOKEN_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_FRENCH_SPACE = re.compile(r"[  \u202f]+(?=[?!;:»])|(?<=«)[  \u202f]+")
_SHORTEST, _SHORTEST_ALONE = 4, 6  # letters of a word that a typo leaves readable, in a sentence and by itself
_LONG_TEXT = 40  # characters above which there may be two typos


def noisy_examples(pairs: Sequence[Pair], language: str, options: NoiseConfig, chance: random.Random) -> Iterator[Pair]:
    """(source, target) with a noisy source in `language`: of each kind the share in `options`, fewer where fewer can be
    changed. No pair is drawn twice for the same kind."""
    for name, change in CHANGES.items():
        wanted = round(getattr(options, name) * len(pairs))
        for pair in chance.sample(pairs, len(pairs)):
            if not wanted:
                break
            changed = change(pair, language, chance)
            if changed[0] != pair[0] and changed[0]:
                wanted -= 1
                yield changed


def with_typos(pair: Pair, language: str, chance: random.Random) -> Pair:
    """One slip of the fingers, two in some longer texts: letters swapped, left out, doubled, or those beside them."""
    source = pair[0]
    for _ in range(1 + (len(source) > _LONG_TEXT and chance.random() < 0.5)):
        words = list(_WORD.finditer(source))
        shortest = _SHORTEST if len(words) > 1 else _SHORTEST_ALONE
        if words := [word for word in words if len(word[0]) >= shortest]:
            word = chance.choice(words)
            source = source[: word.start()] + _slip(word[0], language, chance) + source[word.end() :]
    return source, pair[1]


def in_lower_case(pair: Pair, language: str, chance: random.Random) -> Pair:
    return pair[0].lower(), pair[1]


def in_upper_case(pair: Pair, language: str, chance: random.Random) -> Pair:
    """Written in capitals, as `nmt.sentence` hands it to a model.

    A text that is recognised as such comes in small letters, and its translation gets the capitals back: the target
    stays. What is too short for that comes in capitals, and should be translated in capitals.
    """
    source = pair[0].upper()
    case = detect_case(source, language)
    return (source, pair[1].upper()) if case == "as_it_is" else (_handed_on(source, case, language), pair[1])


def in_title_case(pair: Pair, language: str, chance: random.Random) -> Pair:
    """Each word with a capital, as `nmt.sentence` hands it to a model: if recognised, in small letters.

    As it was, where it doesn't begin with a capital: its translation doesn't either.
    """
    if not stripped(pair[0])[:1].isupper():
        return pair
    source = _SPOKEN_WORD.sub(lambda word: word[0][0].upper() + word[0][1:], pair[0])
    return _handed_on(source, detect_case(source, language), language), pair[1]


def without_mark(pair: Pair, language: str, chance: random.Random) -> Pair:
    """Without the mark at the end; the target loses its own. As it was, unless both have the same."""
    marks = final_mark(pair[0]), final_mark(pair[1])
    if not marks[0] or marks[0] != marks[1]:
        return pair
    return without_final_mark(pair[0]), without_final_mark(pair[1])


def without_accents(pair: Pair, language: str, chance: random.Random) -> Pair:
    """Without accents; German ä, ö, ü, ß also as ae, oe, ue, ss, in half of the cases."""
    source = pair[0]
    if language == "de" and chance.random() < 0.5:
        source = source.translate(_UMLAUTS)
    return without_marks(source.replace("ß", "ss").replace("œ", "oe").replace("Œ", "Oe")), pair[1]


def without_apostrophes(pair: Pair, language: str, chance: random.Random) -> Pair:
    return _APOSTROPHE.sub(" " if language == "fr" and chance.random() < 0.3 else "", pair[0]), pair[1]


def with_other_marks(pair: Pair, language: str, chance: random.Random) -> Pair:
    """¿ and ¡ left out, no space before a French ?, the other kind of apostrophe."""
    source = pair[0]
    if language == "es":
        source = source.replace("¿", "").replace("¡", "")
    if language == "fr":
        source = _FRENCH_SPACE.sub("", source)
    if source == pair[0]:
        source = source.replace("’", "'") if "’" in source else _APOSTROPHE.sub("’", source)
    return source, pair[1]


def careless(pair: Pair, language: str, chance: random.Random) -> Pair:
    """As in a hurry: no capitals, accents, apostrophes, no mark at the end (of the target neither)."""
    source, target = without_mark(pair, language, chance)
    for change in (without_accents, without_apostrophes):
        if chance.random() < 0.8:
            source, target = change((source, target), language, chance)
    return source.lower(), target


CHANGES: dict[str, Change] = {
    "typos": with_typos,
    "lower_case": in_lower_case,
    "upper_case": in_upper_case,
    "title_case": in_title_case,
    "no_final_mark": without_mark,
    "no_accents": without_accents,
    "no_apostrophes": without_apostrophes,
    "other_marks": with_other_marks,
    "careless": careless,
}
"""What is done for each option of `NoiseConfig`."""


def _handed_on(source: str, case: Case, language: str) -> str:
    return edit(source, sentence_case(source, case, language)).text


def _slip(word: str, language: str, chance: random.Random) -> str:
    """`word` with one letter wrong, never its first."""
    place = chance.randrange(1, len(word))
    kind = chance.choice(("swap", "drop", "double", "neighbour"))
    if kind == "swap":
        place = min(place, len(word) - 2)
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == "drop":
        return word[:place] + word[place + 1 :]
    if kind == "double":
        return word[:place] + word[place] + word[place:]
    beside = neighbours(language).get(word[place], word[place])
    return word[:place] + chance.choice(beside) + word[place + 1 :]
