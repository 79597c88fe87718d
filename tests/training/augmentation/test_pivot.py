import math
from collections import Counter

import pytest

from training.augmentation import development, pivot
from training.augmentation.config import PivotConfig
from training.augmentation.development import hold_out
from training.augmentation.pivot import disagreement, join


def test_pairs_are_joined_that_share_their_english_sentence() -> None:
    german = [("I see.", "Ich sehe."), ("Go on!", "Weiter!"), ("Only here.", "Nur hier.")]
    french = [("i see", "Je vois."), ("Go on!", "Continue !"), ("Not there.", "Pas là.")]
    assert join(german, french, ("de", "fr"), PivotConfig()) == [("Weiter!", "Continue !"), ("Ich sehe.", "Je vois.")]


def test_of_very_many_translations_of_one_sentence_the_first_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pivot, "_MOST", 3)
    sides = [[("A.", f"{word} {'x' * n}.") for n in range(9)] for word in ("Etwa", "Même")]
    joined = join(*sides, ("de", "fr"), PivotConfig(uses=9, variants=99))
    assert set(joined) == {(f"Etwa {'x' * n}.", f"Même {'x' * m}.") for n in range(3) for m in range(3)}


def test_a_question_is_not_joined_with_a_statement_nor_du_with_vous() -> None:
    assert not join([("You go.", "Du gehst.")], [("You go?", "Tu vas ?")], ("de", "fr"), PivotConfig())
    assert not join([("You go.", "Du gehst.")], [("You go.", "Vous partez.")], ("de", "fr"), PivotConfig())
    assert join([("You go.", "Du gehst.")], [("You go.", "Tu vas.")], ("de", "fr"), PivotConfig())
    assert math.isinf(disagreement(("¿Has terminado?", "Avez-vous fini ?"), ("es", "fr")))
    assert math.isinf(disagreement(("Seid ihr da?", "¿Tienes tiempo?"), ("de", "es")))
    assert not math.isinf(disagreement(("¿Habéis terminado?", "Avez-vous fini ?"), ("es", "fr")))
    assert not math.isinf(disagreement(("Du bist zu Hause.", "Tu es chez toi."), ("de", "fr")))
    assert math.isinf(disagreement(("Das sind Ihre Bücher.", "Son tus libros."), ("de", "es")))


def test_no_sentence_enters_more_pairs_than_allowed_and_the_best_are_taken() -> None:
    german = [("A.", f"Etwa so lang {'x' * n}.") for n in range(5)]
    french = [("A.", f"Presque comme {'x' * n}.") for n in range(5)]
    joined = join(german, french, ("de", "fr"), PivotConfig(uses=1, variants=3))
    assert len(joined) == 3
    for side in (0, 1):
        assert set(Counter(pair[side] for pair in joined).values()) == {1}
    assert all(
        disagreement(pair, ("de", "fr")) == 0
        for pair in join([("A.", "Ja gut.")], [("A.", "Ça va.")], ("de", "fr"), PivotConfig())
    )


def test_far_longer_sentences_are_not_joined() -> None:
    german, french = [("A.", "Ja, so ist es.")], [("A.", "Oui, c'est " + "bien " * 10 + ".")]
    assert not join(german, french, ("de", "fr"), PivotConfig(length_ratio=2))


def test_what_is_held_out_shares_no_side_with_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(development, "MOST_OF", 1)
    german = [
        ("Das ist eins.", "This is one."),
        ("Hier ist eins.", "this is one!"),
        ("Das sind zwei.", "These are two."),
    ]
    german += [("Das sind zwei.", "Both of them."), ("Das sind drei.", "These are three."), ("Los!", "Go!")]
    french = [("This is one.", "C'est un."), ("These are two.", "C'est deux."), ("These are three.", "Ce sont trois.")]
    french += [("Both of them.", "Les deux."), ("Go!", "Allez !")]
    left, lines = hold_out({("de", "en"): german, ("en", "fr"): french}, "en", 10, seed=1)
    assert sorted(zip(lines["en"], lines["de"], lines["fr"], strict=True)) == [
        ("These are three.", "Das sind drei.", "Ce sont trois."),
        ("This is one.", "Das ist eins.", "C'est un."),
    ]
    assert left["de", "en"] == [german[2], german[3], german[5]]
    assert left["en", "fr"] == [french[1], french[3], french[4]]


def test_of_few_sentences_few_are_held_out() -> None:
    german = [(f"Das ist {word}.", f"This is {word}.") for word in "abcdefgh"]
    french = [(f"This is {word}.", f"C'est {word}.") for word in "abcdefgh"]
    left, lines = hold_out({("de", "en"): german, ("en", "fr"): french}, "en", 1000, seed=1)
    assert len(lines["en"]) == 8 // development.MOST_OF
    assert len(left["de", "en"]) == 8 - len(lines["en"])
