"""Brackets stand for every choice in them, and small matters of writing don't count."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.evaluation.answers import answers_of, first_answer, is_among, normalised

PLAIN = st.text(alphabet="abc ä", max_size=8)
CHOICES = st.lists(PLAIN, min_size=1, max_size=3)


def test_brackets_are_choices() -> None:
    assert answers_of("The (cat|dog) is (very|) (tired|(a bit|rather) sad).") == {
        f"The {animal} is{much} {mood}"
        for animal in ("cat", "dog")
        for much in (" very", "")
        for mood in ("tired", "a bit sad", "rather sad")
    }


@given(parts=st.lists(CHOICES, max_size=4))
def test_a_template_stands_for_every_combination(parts: list[list[str]]) -> None:
    template = "".join("(" + "|".join(choices) + ")" for choices in parts)
    assert answers_of(template) == {normalised("".join(chosen)) for chosen in itertools.product(*parts)}
    assert is_among(first_answer(template), answers_of(template))


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("a (b", "not closed"),
        ("a b)", "outside"),
        ("a|b", "outside"),
        ("(a|b|c|d|e|f)" * 8, "more than 20,000"),
        (f"({'(a|b)' * 15})", "more than"),
        ("(" * 2000 + "a" + ")" * 2000, "too many others"),
    ],
)
def test_what_is_no_template_says_why(template: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        answers_of(template)


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ("Guten Morgen!", "guten Morgen"),
        ("J’ai faim .", "J'ai faim"),
        ("Où  es-tu ?", "Où es-tu?"),
        ("„Ja“, sagte er.", '"Ja", sagte er.'),
        ("‚Ja‘, sagte er.", "'Ja', sagte er."),
        ("Il a dit « oui ».", 'Il a dit "oui".'),
        ("Il a dit «\u202foui\u202f» et ‹ non ›.", "Il a dit \"oui\" et 'non'."),
        ("Warte… nein", "Warte... nein"),
    ],
)
def test_small_matters_do_not_count(answer: str, accepted: str) -> None:
    assert is_among(answer, answers_of(accepted))


@pytest.mark.parametrize(("answer", "accepted"), [("haus", "Haus"), ("Wo ist er", "Wo ist er?"), ("", "ja")])
def test_case_within_a_text_and_question_marks_count(answer: str, accepted: str) -> None:
    assert not is_among(answer, answers_of(accepted))
