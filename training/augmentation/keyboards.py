"""Which keys lie beside which, on the keyboard of each language."""

from functools import cache

_ROWS = {
    "de": ("qwertzuiopü", "asdfghjklöä", "yxcvbnm"),
    "en": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "es": ("qwertyuiop", "asdfghjklñ", "zxcvbnm"),
    "fr": ("azertyuiop", "qsdfghjklm", "wxcvbn"),
}


@cache
def neighbours(language: str) -> dict[str, str]:
    """Letter -> the letters beside it, above and below it; of a language not known, on an English keyboard."""
    rows = _ROWS.get(language, _ROWS["en"])
    places = {letter: (row, column) for row, letters in enumerate(rows) for column, letter in enumerate(letters)}
    return {
        letter: "".join(other for other, place in places.items() if _is_beside(places[letter], place))
        for letter in places
    }


def _is_beside(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Each row stands half a key to the right of the one above it."""
    rows, columns = other[0] - one[0], other[1] - one[1]
    return (rows == 0 and abs(columns) == 1) or (rows == 1 and columns in (-1, 0)) or (rows == -1 and columns in (0, 1))
