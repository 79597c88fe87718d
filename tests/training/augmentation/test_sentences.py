import random

from training.augmentation.config import SentencesConfig
from training.augmentation.sentences import Joiner

PAIRS = [
    ("Er kommt.", "He's coming."), ("Wir gehen.", "We go."), ("Er sah die Katze.", "He saw the cat."),
    ("Ja, er weiß, dass wir da sind.", "Yes, he knows that we are here."), ("Wer ist da?", "Who is there?"),
    ("Und das Haus?", "And the house?"), ("Nein", "No."), ("Sie sind hier.", "You are here."),
    ("Ich sah sie.", "I saw her."), ("Ich sah Sie.", "I saw you."),
]  # fmt: skip


def joined(**options: float) -> list[tuple[str, str]]:
    config = SentencesConfig(share=1.0, **options)
    return [pair for seed in range(20) for pair in Joiner(PAIRS, ("de", "en"), config).examples(random.Random(seed))]


def test_sentences_are_joined_in_the_same_order_on_both_sides() -> None:
    translations = dict(PAIRS)
    for german, english in joined(conjoined=0):
        parts, rest = [], german
        while rest:
            part = max((one for one in translations if rest.startswith(one)), key=len)
            parts.append(part)
            rest = rest[len(part) :].removeprefix(" ")
        assert 2 <= len(parts) <= 4
        assert english == " ".join(translations[part] for part in parts)
        assert "Nein" not in parts


def test_two_statements_may_become_one() -> None:
    made = set(joined(conjoined=1.0))
    assert ("Wir gehen, und er kommt.", "We go, and he's coming.") in made or (
        "Er sah die Katze, und wir gehen.", "He saw the cat, and we go."
    ) in made  # fmt: skip
    assert not any("und sie sind" in german or "aber sie sind" in german for german, _ in made)


def test_no_side_is_longer_than_allowed() -> None:
    assert all(max(map(len, pair)) <= 40 for pair in joined(max_characters=40))


def test_one_sentence_is_not_enough() -> None:
    assert not list(Joiner(PAIRS[:1], ("de", "en"), SentencesConfig(share=1.0)).examples(random.Random(1)))
