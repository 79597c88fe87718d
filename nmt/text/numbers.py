"""The numbers of a text, so that a translation's can be compared with them."""

import re
import unicodedata
from collections import Counter

_SPACES = " \u00a0\u202f"
_NUMBER = re.compile(rf"\d{{1,3}}(?:([.,'’{_SPACES}])\d{{3}})(?:\1\d{{3}})*(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
_DATE = re.compile(r"(?<!\d)(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?!\d)")
_TIME = re.compile(r"(?<!\d)(\d{1,2})(?::| ?h ?|\.(?=\d\d\s*Uhr))(\d\d)(?!\d)")
_POINT = re.compile(r"[.,](\d+)$")
_WORD = re.compile(r"[^\W\d_]+")
_SPELLED = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze",
}
_ALSO = {
    "de": {"ein": 1, "eine": 1, "einen": 1, "einem": 1, "einer": 1, "eines": 1},
    "en": {"a": 1, "an": 1},
    "es": {"un": 1, "una": 1},
    "fr": {"une": 1},
}


def numbers_of(text: str) -> Counter[str]:
    """How often each number stands in the text, in digits 0 to 9, with a point before decimals.

    1,000.5 and 1.000,5 and 1 000,50 are the same; what could be either, 1.000, has no decimals. The parts of dates and
    times are numbers of their own, without leading zeros.
    """
    apart = _TIME.sub(r" \1 ; \2 ", _DATE.sub(r" \1 ; \3 ; \4 ", text))
    return Counter(_normal(match[0], match[1]) for match in _NUMBER.finditer(apart))


def _normal(number: str, grouped: str | None) -> str:
    point = _POINT.search(number)
    is_decimal = point is not None and point[0][0] != grouped
    whole, decimals = (number[: point.start()], point[1]) if point is not None and is_decimal else (number, "")
    digits = _digits(whole).lstrip("0") or "0"
    rest = _digits(decimals).rstrip("0")
    return f"{digits}.{rest}" if rest else digits


def _digits(text: str) -> str:
    return "".join(str(value) for character in text if (value := unicodedata.digit(character, None)) is not None)


def numbers_differ(source: str, source_language: str, target: str, target_language: str) -> bool:
    """Whether one side has a number that the other has neither in digits nor, up to twelve, in words."""
    source_numbers, target_numbers = numbers_of(source), numbers_of(target)
    if source_numbers == target_numbers:
        return False
    missing = source_numbers - target_numbers - _spelled(target, target_language)
    added = target_numbers - source_numbers - _spelled(source, source_language)
    return bool(missing or added)


def _spelled(text: str, language: str) -> Counter[str]:
    values = {word: number for number, word in enumerate(_SPELLED.get(language, "").split())}
    values |= _ALSO.get(language, {})
    words = (word.casefold() for word in _WORD.findall(text))
    return Counter(str(values[word]) for word in words if word in values)
