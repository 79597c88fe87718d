"""Mistyped words become those that were meant, where that is likely; all else stays as it is."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.edits import edit
from nmt.text.spelling import corrections, meant

MET = {
    "en": {"the": 17, "ten": 10, "tea": 9, "very": 13, "ferry": 4, "believe": 11, "water": 11, "we": 14, "is": 16,
           "cold": 9, "form": 9, "from": 9, "where": 12, "station": 9, "friend": 10, "i": 17, "believed": 8, "cat": 9,
           "car": 9, "rarely": 3, "wasn": 11, "want": 12, "t": 14, "m": 12, "s": 14, "she": 14, "shoes": 9, "fives": 0,
           "five": 10},
    "de": {"der": 14, "brief": 9, "hier": 12, "freund": 10, "ist": 15, "schön": 10, "grösse": 8, "wir": 13,
           "mein": 13, "glauben": 10},
    "es": {"amiga": 8, "magia": 7, "la": 14},
    "fr": {"reçu": 9, "ta": 10, "lettre": 9, "j": 14, "ai": 13, "quelqu": 10, "un": 14},
}  # fmt: skip
LONG = sorted(word for word in MET["en"] if len(word) >= 5 and MET["en"][word] > 8)


def met(language: str, words: Sequence[str]) -> list[int]:
    return [MET[language].get(word.casefold(), 0) for word in words]


def corrected(text: str, language: str = "en", untouched: Sequence[tuple[int, int]] = ()) -> str:
    return edit(text, corrections(text, language, lambda words: met(language, words), untouched)).text


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "Where is teh station?", "Where is the station?"),
        ("en", "We beleive.", "We believe."),
        ("en", "The watter is verry cold.", "The water is very cold."),
        ("en", "Teh station is cold.", "The station is cold."),
        ("en", "The freind believed.", "The friend believed."),
        ("en", "beleive", "believe"),
        ("en", "The statin is cold.", "The station is cold."),
        ("en", "The statiion is cold.", "The station is cold."),
        ("de", "Der Breif ist hier.", "Der Brief ist hier."),
        ("de", "Hier ist mein Fruend.", "Hier ist mein Freund."),
        ("de", "Wir glauden.", "Wir glauben."),
        ("de", "Mein Freund ist schon hier.", "Mein Freund ist schön hier."),
        ("de", "Der Freund ist GROESSE.", "Der Freund ist GROESSE."),
        ("de", "Der Freund von BMV ist hier.", "Der Freund von BMV ist hier."),
        ("fr", "J'ai recu ta lettre.", "J'ai reçu ta lettre."),
        ("fr", "Jai reçu ta lettre.", "J'ai reçu ta lettre."),
        ("fr", "Quelquun ai reçu ta lettre.", "Quelqu'un ai reçu ta lettre."),
        ("en", "We wasnt believed.", "We wasn't believed."),
        ("en", "Im cold, shes cold.", "I'm cold, she's cold."),
    ],
)
def test_the_word_that_was_meant(language: str, text: str, wanted: str) -> None:
    assert corrected(text, language) == wanted


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The water is very cold."),
        ("en", "We believe Watre."),  # may be a name
        ("en", "Statin is cold."),  # the beginning may be a name
        ("en", "The caw is cold."),  # cat, or car
        ("es", "La amgia."),  # amiga, or magia
        ("en", "The rately is cold."),  # rarely is met rarely
        ("en", "The te is cold."),
        ("en", "The fives is cold."),  # no possessive
        ("en", "The caf is cold."),  # too short to tell which letter is another
        ("fr", "J'ai reçû ta lettre."),  # hardly anybody adds an accent
        ("en", "The xwater is cold."),  # the first letter is hardly ever wrong
        ("en", "The believex is cold."),  # the last ones are grammar
        ("en", "The watre-cold is watre2 and_watre."),
        ("en", "Hier ist mein Breif, wir beleive."),  # another language
        ("en", "我们 is cold"),
        ("en", ""),
    ],
)
def test_what_stays_as_it_is(language: str, text: str) -> None:
    assert corrected(text, language) == text


def test_a_very_long_word_is_left_alone_at_once() -> None:
    asked: list[Sequence[str]] = []

    def magnitudes(words: Sequence[str]) -> list[int]:
        asked.append(words)
        return [0] * len(words)

    assert list(corrections("The " + "watre" * 100_000, "en", magnitudes)) == [] and len(asked) == 1


def test_what_is_not_to_be_touched() -> None:
    assert corrected("The watre is cold.", untouched=[(4, 9)]) == "The watre is cold."
    assert corrected("The watre is cold.", untouched=[(0, 3), (9, 12)]) == "The water is cold."


@given(st.sampled_from(LONG), st.data())
def test_every_likely_slip_of_a_word_met_often_is_undone(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 2))
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    doubled = word[:place] + word[place] + word[place:]
    for typed in {swapped, doubled} - set(MET["en"]):
        assert meant(typed, "en", lambda words: met("en", words)) == word


@given(st.text(alphabet="abtw eh'", max_size=30))
def test_only_unknown_words_change_and_into_known_ones(text: str) -> None:
    for one in corrections(text, "en", lambda words: met("en", words)):
        assert met("en", [text[one.start : one.end], one.replacement])[0] == 0
        assert met("en", [one.replacement])[0] > 0
