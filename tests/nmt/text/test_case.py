"""Capitals are put aside for the model and come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.case import Case, detect_case, restore_case, sentence_case
from nmt.text.edits import edit


@pytest.mark.parametrize(
    ("text", "language", "case"),
    [
        ("NASA", "en", "as_it_is"),
        ("I", "en", "as_it_is"),
        ("", "en", "as_it_is"),
        ("12:30!", "en", "as_it_is"),
        ("NO SMOKING", "en", "upper"),
        ("ACHTUNG!", "de", "upper"),
        ("I AM OK.", "en", "upper"),
        ("Ich habe NASA gesagt", "de", "as_it_is"),
        ("The Quick Brown Fox", "en", "title"),
        ("A Tale of Two Cities", "en", "title"),
        ("Guten Morgen, Herr Müller", "de", "as_it_is"),
        ("Öffnen Sie Ihre Augen.", "de", "as_it_is"),
        ("Wo Ist Mein Geld?", "de", "title"),
        ("Where Is My Money?", "en", "title"),
        ("I saw Tom in Boston.", "en", "as_it_is"),
        ("Vivo en Brumsdorf-Ehlau", "es", "as_it_is"),
        ("A Tale of Two Cities.", "en", "title"),
        ("Is Tom in Boston?", "en", "as_it_is"),
        ("A Well-Known Story of Love", "en", "title"),
        ("J'Aime La Musique", "fr", "title"),
        ("Der alte Mann liest ein Buch", "de", "as_it_is"),
        ("Tom Smith lives in New York", "en", "as_it_is"),
        ("New York City", "en", "as_it_is"),
        ("The Old Man", "en", "title"),
        ("Une Belle Journée", "fr", "title"),
        ("Mi Nueva Casa", "es", "title"),
        ("Ein Glas Wasser", "de", "as_it_is"),
        ("Die Deutsche Bank", "de", "as_it_is"),
        ("La Paz, Bolivia", "es", "as_it_is"),
        ("I. M. Pei", "en", "as_it_is"),
        ("Der alte Mann", "de", "as_it_is"),
        ("I Love You", "en", "title"),
        ("Ich Liebe Dich", "de", "title"),
        ("Ich mag Tom", "de", "as_it_is"),
        ("My friend Tom", "en", "as_it_is"),
        ("La Casa Nova", "pt", "as_it_is"),
        ("这是中文", "zh", "as_it_is"),
    ],
)
def test_how_a_sentence_is_written(text: str, language: str, case: Case) -> None:
    assert detect_case(text, language) == case


def test_what_the_model_reads() -> None:
    assert (
        edit("I AM TIRED, I'M SURE.", sentence_case("I AM TIRED, I'M SURE.", "upper", "en")).text
        == "I am tired, I'm sure."
    )
    assert edit("The Old Man", sentence_case("The Old Man", "title", "en")).text == "The old man"
    assert sentence_case("The Old Man", "as_it_is", "en") == []


def test_what_the_reader_gets() -> None:
    text = "die straße ist {{x}} weiß"
    assert edit(text, restore_case(text, "upper", "de", [(15, 20)])).text == "DIE STRASSE IST {{x}} WEISS"
    assert (
        edit("der alte mann in der see", restore_case("der alte mann in der see", "title", "de")).text
        == "Der Alte Mann in der See"
    )


def test_a_title_leaves_small_what_its_language_does() -> None:
    text = "how old are you in the house"
    assert edit(text, restore_case(text, "title", "en")).text == "How Old Are You in the House"


@given(
    st.text(max_size=30).map(lambda text: text.encode(errors="ignore").decode()), st.integers(0, 30), st.integers(0, 30)
)
def test_capitals_are_capitals_but_for_what_is_kept(text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    restored = edit(text, restore_case(text, "upper", "en", [(start, end)]))
    assert restored.text == text[:start].upper() + text[start:end] + text[end:].upper() or "Σ" in text.upper()
