"""Mistyped words become those that were meant, where that is clear; all else stays as it is."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.edits import edit
from nmt.text.slips import Slip, slips
from nmt.text.spelling import Speller

MET = {
    "en": {
        "the": 17, "ten": 10, "tea": 9, "very": 13, "believe": 11, "water": 11, "we": 14, "is": 16, "cold": 9,
        "where": 12, "station": 9, "friend": 10, "i": 17, "believed": 8, "cat": 9, "car": 9, "rarely": 3, "wasn": 11,
        "want": 12, "t": 14, "m": 12, "s": 14, "she": 14, "shoes": 9, "five": 10, "in": 15, "here": 12,
        "government": 10, "ll": 13, "all": 13, "line": 8, "art": 12, "dell": 4, "count": 9, "cont": 3, "d": 12,
    },
    "de": {
        "der": 14, "brief": 9, "hier": 12, "freund": 10, "ist": 15, "schön": 10, "schöne": 9, "schon": 13, "wir": 13,
        "mein": 13, "glauben": 10, "können": 12, "kennen": 11, "gross": 9, "grosse": 9, "straße": 9, "strasse": 9,
        "weiss": 12, "ausschalten": 8, "wasser": 10, "tür": 9, "teuer": 8, "haben": 14, "in": 15, "führen": 9,
        "fühlen": 9,
    },
    "es": {"amiga": 8, "magia": 7, "la": 14, "qué": 14, "que": 15, "haces": 8, "niños": 9},
    "fr": {
        "reçu": 9, "ta": 10, "lettre": 9, "j": 14, "ai": 13, "quelqu": 10, "un": 14, "d": 14, "une": 13, "enfants": 9,
        "les": 14, "annulé": 9, "rareté": 2, "élection": 8, "s": 14,
    },
}  # fmt: skip
LONG = sorted(word for word in MET["en"] if len(word) >= 5 and MET["en"][word] > 9)


def met(language: str, words: Sequence[str]) -> list[int]:
    folded = {word.casefold(): size for word, size in MET[language].items()}
    return [folded.get(word.casefold(), 0) for word in words]


SPELLER = Speller(met)


def corrected(text: str, language: str = "en", untouched: Sequence[tuple[int, int]] = ()) -> str:
    return edit(text, SPELLER.corrections(text, language, untouched)).text


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "Where is teh station?", "Where is the station?"),
        ("en", "We beleive.", "We believe."),
        ("en", "The watter is verry cold.", "The water is very cold."),
        ("en", "Teh station is cold.", "The station is cold."),
        ("en", '"Teh station."', '"The station."'),
        ("en", "The freind believed.", "The friend believed."),
        ("en", "beleive", "believe"),
        ("en", "The statoin is here.", "The station is here."),
        ("en", "We beleive 'the watre'.", "We believe 'the water'."),
        ("en", "The goverment is cold.", "The government is cold."),
        ("en", "The governmant is cold.", "The government is cold."),
        ("en", "We wasnt cold.", "We wasn't cold."),
        ("en", "In here im cold, shes cold.", "In here I'm cold, she's cold."),
        ("de", "Der Breif ist hier.", "Der Brief ist hier."),
        ("de", "Hier ist mein Fruend.", "Hier ist mein Freund."),
        ("de", "Wir koennen.", "Wir können."),
        ("de", "Mein Freund ist schoen.", "Mein Freund ist schön."),
        ("de", "Die Tuer ist hier.", "Die Tür ist hier."),
        ("de", "Wir weis.", "Wir weiß."),
        ("de", "Hier ist der gros.", "Hier ist der groß."),
        ("de", "Wir auschalten.", "Wir ausschalten."),
        ("de", "Die Starße ist hier.", "Die Straße ist hier."),
        ("de", "Waser ist hier.", "Wasser ist hier."),
        ("fr", "J'ai recu ta lettre.", "J'ai reçu ta lettre."),
        ("fr", "Jai reçu ta lettre.", "J'ai reçu ta lettre."),
        ("fr", "Quelquun ai reçu ta lettre.", "Quelqu'un ai reçu ta lettre."),
        ("fr", "J'enfnats ta lettre.", "J'enfants ta lettre."),
        ("es", "¿Qeu haces, niños?", "¿Que haces, niños?"),
        ("es", "La amgia.", "La amiga."),
        ("es", "¿Que haces, ninos?", "¿Que haces, niños?"),
    ],
)
def test_the_word_that_was_meant(language: str, text: str, wanted: str) -> None:
    assert corrected(text, language) == wanted


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The water is very cold."),
        ("en", "We believe Watre."),  # may be a name
        ("en", "Statn is cold."),  # the beginning may be a name
        ("en", "The caw is cold."),  # cat, or car
        ("en", "The rately is cold."),  # rarely is met rarely
        ("en", "The te is cold."),
        ("en", "The lien is cold."),  # short, and line is not met so often
        ("en", "The xwater is cold."),  # the first letter is hardly ever wrong
        ("en", "The etn is cold."),
        ("en", "The believex is cold."),  # the last ones are grammar
        ("en", "The fives is cold."),  # no possessive
        ("en", "The tint is cold."),
        ("en", "The dell'arte is cold, cont'd here."),
        ("en", "The watre-cold is watre2 and_watre."),
        ("en", "The be\u00adlieve is wat\u2011re, watre\u02bcll."),
        ("en", "The thee is cold."),
        ("de", "Frau Breif ist hier."),
        ("es", "La ahces."),
        ("fr", "La lettre rarete."),  # rareté is met too rarely
        ("en", "Hier ist mein Breif, wir beleive."),  # another language
        ("en", "我们 is cold"),
        ("en", ""),
        ("de", "Wir haben in Hagen."),  # nouns and names look alike
        ("de", "Der Freund in BRIEFF ist hier."),
        ("fr", "J'ai annule ta lettre."),  # as good a word as annulé
        ("fr", "J'ai reçû ta lettre."),  # hardly anybody adds an accent
        ("fr", "La dune, ta sélection."),
    ],
)
def test_what_stays_as_it_is(language: str, text: str) -> None:
    assert corrected(text, language) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Wir können führen."),
        ("fr", "J'ai reçu ta lettre."),
        ("es", "La niños haces."),
    ],
)
def test_accents_may_be_marks_of_their_own(language: str, text: str) -> None:
    assert corrected(text, language) == text and corrected(nfd(text), language) == nfd(text)


def test_a_word_with_such_marks_may_be_mistyped() -> None:
    assert corrected(nfd("Les ta, j'ai lettre, élecction"), "fr").endswith(" élection")
    assert corrected(nfd("Wir können, Schööne."), "de").endswith(" Schöne.")


def test_a_part_of_a_sentence_may_begin_with_a_name() -> None:
    assert list(SPELLER.corrections("Teh station is cold.", "en", is_part=True)) == []


def test_what_is_not_to_be_touched() -> None:
    assert corrected("The watre is cold.", untouched=[(4, 9)]) == "The watre is cold."
    assert corrected("The watre is cold.", untouched=[(0, 3), (9, 12)]) == "The water is cold."


def test_unlikely_slips_may_be_left_out() -> None:
    for typed, wanted in (("watre", "water"), ("goverment", "goverment")):
        assert edit(typed, SPELLER.corrections(typed, "en", most=Slip.LIKELY)).text == wanted


def test_a_word_is_looked_up_once_and_a_very_long_one_never() -> None:
    asked: list[Sequence[str]] = []

    def magnitudes(language: str, words: Sequence[str]) -> list[int]:
        asked.append(words)
        return met(language, words)

    speller = Speller(magnitudes)
    for _ in range(3):
        assert len(list(speller.corrections("The watre is cold.", "en"))) == 1
    assert sum(len(words) > 4 for words in asked) == 1 and speller.meant.cache_info().currsize == 1
    assert list(speller.corrections("The " + "watre" * 100_000, "en")) == [] and len(asked[-1]) == 2
    assert speller.meant.cache_info().currsize == 1


@given(st.sampled_from(LONG), st.data())
def test_likely_slips_of_a_word_met_often_are_undone(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(word) - 2))
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    doubled = word[:place] + word[place] + word[place:]
    for typed in {swapped, doubled} - set(MET["en"]):
        assert SPELLER.meant(typed, "en", Slip.LIKELY) == word


@given(st.text(alphabet="abtw eh'", max_size=30))
def test_only_unknown_words_change_and_into_known_ones(text: str) -> None:
    for one in SPELLER.corrections(text, "en"):
        before, after = met("en", [text[one.start : one.end], one.replacement.split("'")[0]])
        assert before == 0 and after > 0


@given(st.text(alphabet="aeoustzéß", min_size=1, max_size=8), st.sampled_from(["de", "en", "es", "fr"]))
def test_slips_keep_the_first_letter_and_are_not_many(word: str, language: str) -> None:
    found = list(slips(word, language))
    assert all(candidate[0] == word[0] or candidate[0] in "äöü" for candidate, _ in found)
    assert len(found) <= 100 * len(word) + 10
