"""Numbers, times, dates, prices and measures, as each language writes them."""

import random
import re
from collections.abc import Callable, Mapping

from nmt.text.listed import listed
from training.augmentation.names import LANGUAGES, Forms

MONTHS = {
    "en": listed("January February March April May June July August September October November December"),
    "de": listed("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    "fr": listed("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    "es": listed("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
}
GROUPS = {"en": ",", "de": ".", "fr": " ", "es": "."}
DECIMAL_POINTS = {"en": ".", "de": ",", "fr": ",", "es": ","}
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_BINS = ((2, 12), (13, 24), (25, 31), (32, 59), (60, 99), (100, 199), (200, 999), (1000, 9999), (10_000, 99_999))
_LONGEST = 12  # characters of a number for which there is another one
_TIME = re.compile(r"(\d{1,2})(?::| ?h ?)([0-5]\d)")
_GROUPED = {language: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+|\d+") for language, mark in GROUPS.items()}
_NUMERIC = re.compile(r"(?<![\w.,:/-])\d(?:[\d.,:]*\d)?(?:(?: ?h ?| )\d[\d.,]*\d)*(?![\w:/]|[.,]\d|-\w)")


def whole_number(value: int, language: str) -> str:
    """`value` in groups of three digits, from five digits on: 12,500; 12.500; 12 500."""
    return str(value) if value < 10_000 else f"{value:,}".replace(",", GROUPS[language])


def decimal(value: float, language: str, places: int) -> str:
    return f"{value:.{places}f}".replace(".", DECIMAL_POINTS[language])


def time_of_day(hour: int, minute: int, language: str) -> str:
    """7:45; 7:45 Uhr; 7 h 45."""
    forms = {"de": f"{hour}:{minute:02} Uhr", "fr": f"{hour} h {minute:02}"}
    return forms.get(language, f"{hour}:{minute:02}")


def half_day(hour: int, minute: int, language: str) -> str:
    """2:30 p.m., 9 a.m.; 14:30 Uhr, 9 Uhr; 14 h 30, 9 h; 2:30 de la tarde, 9 de la mañana; `hour` isn't 0 or 12."""
    if language in ("de", "fr"):
        return time_of_day(hour, minute, language) if minute else f"{hour} {'Uhr' if language == 'de' else 'h'}"
    said = f"{hour % 12}:{minute:02}" if minute else str(hour % 12)
    half = ("a.m.", "p.m.") if language == "en" else ("de la mañana", "de la tarde")
    return f"{said} {half[hour > 12]}"


def day(number: int, month: int, language: str) -> str:
    """March 3; 3. März; 3 mars (the first is 1er); 3 de marzo. `month` counts from 0."""
    name = MONTHS[language][month]
    forms = {
        "en": f"{name} {number}",
        "de": f"{number}. {name}",
        "fr": f"{'1er' if number == 1 else number} {name}",
        "es": f"{number} de {name}",
    }
    return forms[language]


def date(number: int, month: int, year: int, language: str) -> str:
    return day(number, month, language) + {"en": ", ", "es": " de "}.get(language, " ") + str(year)


def price(amount: float, currency: str, language: str) -> str:
    """€12.50; 12,50 €."""
    said = decimal(amount, language, 0 if amount == int(amount) else 2)
    return f"{currency}{said}" if language == "en" else f"{said} {currency}"


def percent(value: float, language: str) -> str:
    said = decimal(value, language, 0 if value == int(value) else 1)
    return f"{said}%" if language == "en" else f"{said} %"


def draw_values(chance: random.Random) -> Mapping[str, Forms]:
    """One of each kind of value that templates ask for, in every language."""
    hour, later, month = chance.randint(2, 15), chance.randint(16, 23), chance.randrange(12)
    minute, other_minute = chance.choice((0, 0, 15, 30, 45, *range(5, 60, 5))), chance.choice((0, 15, 30, 45))
    morning, afternoon = chance.randint(6, 11), chance.randint(14, 19)
    number, year = chance.randint(1, _DAYS[month]), chance.randint(1850, 2035)
    amount = chance.choice((float(chance.randint(2, 999)), chance.randint(50, 29_999) / 100))
    currency, unit = chance.choice("€€$£"), chance.choice(("kg", "g"))
    share = chance.choice((float(chance.randint(1, 100)), chance.randint(1, 999) / 10))
    measure = chance.choice((float(chance.randint(2, 900)), chance.randint(11, 99) / 10))
    large = chance.choice((chance.randint(2, 9999), chance.randint(10_000, 999_999), chance.randint(1, 99) * 100_000))
    count = chance.randint(2, 120)
    said: dict[str, Callable[[str], str]] = {
        "time": lambda language: time_of_day(hour, minute, language),
        "later": lambda language: time_of_day(later, other_minute, language),
        "morning": lambda language: half_day(morning, other_minute, language),
        "afternoon": lambda language: half_day(afternoon, other_minute, language),
        "day": lambda language: day(number, month, language),
        "date": lambda language: date(number, month, year, language),
        "year": lambda language: str(year),
        "price": lambda language: price(amount, currency, language),
        "percent": lambda language: percent(share, language),
        "distance": lambda language: f"{_measure(measure, language)} km",
        "weight": lambda language: f"{_measure(measure, language)} {unit}",
        "number": lambda language: whole_number(large, language),
        "count": lambda language: str(count),
    }
    return {name: {language: say(language) for language in LANGUAGES} for name, say in said.items()}


def other_number(pair: tuple[str, str], languages: tuple[str, str], chance: random.Random) -> tuple[str, str] | None:
    """`pair` with another number, or time of day, of about the same size on both sides.

    None unless there is exactly one on each side, the same, above 1. Each side keeps its way of writing it.
    """
    found = [_NUMERIC.findall(sentence) for sentence in pair]
    if len(found[0]) != 1 or len(found[1]) != 1:
        return None
    texts = found[0][0], found[1][0]
    times = [_TIME.fullmatch(text) for text in texts]
    if times[0] and times[1] and times[0].groups() == times[1].groups():
        hour, minute = str(chance.randint(2, 12)), f"{chance.randrange(0, 60, 5):02}"
        new = [
            f"{hour}{text[time.end(1) : time.start(2)]}{minute}"
            for text, time in zip(texts, times, strict=True)
            if time
        ]
    else:
        numbers = [_parsed(text, language) for text, language in zip(texts, languages, strict=True)]
        if numbers[0] is None or numbers[0] != numbers[1] or (drawn := _similar(numbers[0], chance)) is None:
            return None
        new = [
            f"{drawn:,}".replace(",", GROUPS[language]) if not text.isdigit() else str(drawn)
            for text, language in zip(texts, languages, strict=True)
        ]
    return _NUMERIC.sub(new[0], pair[0]), _NUMERIC.sub(new[1], pair[1])


def _measure(value: float, language: str) -> str:
    return decimal(value, language, 0 if value == int(value) else 1)


def _parsed(text: str, language: str) -> int | None:
    if len(text) > _LONGEST or not _GROUPED[language].fullmatch(text):
        return None
    return int(text.replace(GROUPS[language], ""))


def _similar(value: int, chance: random.Random) -> int | None:
    """Another number that could stand in its place: 2 to 12 for an hour, 13 to 24, ...; a year for a year."""
    if 1500 <= value <= 2050:
        return chance.randint(1500, 2050)
    for low, high in _BINS:
        if low <= value <= high:
            return chance.randint(low, high)
    return None
