"""Codes of languages."""

import pytest

from nmt.identification.languages import _TWO, shortest_code


@pytest.mark.parametrize(
    ("code", "shortest"),
    [
        ("deu", "de"),
        ("eng", "en"),
        ("cmn", "zh"),
        ("pes", "fa"),
        ("yue", "yue"),
        ("gsw", "gsw"),
        ("de", "de"),
        ("", ""),
    ],
)
def test_two_letters_where_there_are_two(code: str, shortest: str) -> None:
    assert shortest_code(code) == shortest


def test_codes_have_their_lengths() -> None:
    assert all(len(three) == 3 and len(two) == 2 and (three + two).islower() for three, two in _TWO.items())
    assert len(set(_TWO.values())) >= 180
