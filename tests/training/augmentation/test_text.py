import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from training.augmentation.text import Case, final_mark, identity, meaning, tokens, without_final_mark


@pytest.mark.parametrize(
    ("one", "other"),
    [("I'm here.", "i’m HERE!"), ("¿Qué?", "qué"), ("“No,” he said.", "No he said"), ("Ça va ?", "ça va")],
)
def test_identity_is_without_case_and_punctuation(one: str, other: str) -> None:
    assert identity(one) == identity(other) != ""


def test_a_question_does_not_mean_what_a_statement_means() -> None:
    assert meaning("You go.") == meaning("you go!") != meaning("You go?")


@given(st.text(), st.sampled_from(["de", "en", "es", "fr"]))
@example("snake_case", "en")
def test_tokens_are_the_text_without_white_space(text: str, language: str) -> None:
    found = tokens(text, language)
    assert all(text[token.start : token.end] == token.text for token in found)
    assert "".join(token.text for token in found) == "".join(c for c in text if not c.isspace())


def test_french_elisions_are_tokens() -> None:
    assert [token.text for token in tokens("L'eau qu'aujourd'hui j'ai.", "fr")] == [
        "L'",
        "eau",
        "qu'",
        "aujourd'hui",
        "j'",
        "ai",
        ".",
    ]
    assert [token.text for token in tokens("don't", "en")] == ["don't"]


def test_the_last_mark() -> None:
    assert [final_mark(text) for text in ("Go.", "Who?", 'He said "No!"', "Go", "Va ?")] == [".", "?", "!", "", "?"]
    assert [without_final_mark(text) for text in ("Go.", "¿Quién?", "Va ?", "¡No!")] == ["Go", "Quién", "Va", "No"]


def test_words_have_the_case_that_they_have_inside_sentences() -> None:
    sentences = ["Das Haus ist gut.", "Ist das gut? Gut ist das Haus.", "Ein Haus."]
    case = Case(tokens(sentence, "de") for sentence in sentences)
    assert [case.usual(word) for word in ("Das", "Haus", "GUT", "Neu")] == ["das", "Haus", "gut", "neu"]
    assert case.is_known("DAS") and not case.is_known("neu")


def test_a_word_that_is_written_in_two_ways_is_ambiguous() -> None:
    case = Case(tokens(sentence, "de") for sentence in ["Da sind sie.", "Da sind Sie.", "Dort sind die anderen."])
    assert case.is_ambiguous("SIE") and not case.is_ambiguous("sind") and not case.is_ambiguous("neu")
