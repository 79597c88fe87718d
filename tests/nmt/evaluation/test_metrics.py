"""Scores are sacreBLEU's own, and comparing is fair."""

import math

import pytest
import sacrebleu

from nmt.config import EvaluationOptions
from nmt.errors import InputError
from nmt.evaluation import SACREBLEU_VERSION, MetricScore, bleu, evaluate

REFERENCES = [
    "Ein Hund läuft über die grüne Wiese.",
    "Zwei Kinder spielen im warmen Sand am Meer.",
    "Die Frau liest ein Buch am Fenster.",
    "Guten Morgen, wie geht es dir heute?",
] * 5
WORSE = [text.replace("ein", "kein").replace("die", "eine") for text in REFERENCES]
WORST = [" ".join(reversed(text.split())) for text in REFERENCES]
QUICK = EvaluationOptions(bootstrap_samples=100)
PLAIN = EvaluationOptions(bootstrap_samples=0)


def by_metric(scores: tuple[MetricScore, ...]) -> dict[str, MetricScore]:
    return {score.metric: score for score in scores}


def test_a_perfect_system_has_the_best_score_there_is() -> None:
    scores = by_metric(evaluate({"copy": REFERENCES}, REFERENCES, PLAIN)["copy"])
    assert {name: round(score.score, 9) for name, score in scores.items()} == {"BLEU": 100, "chrF2": 100, "TER": 0}


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("samples", [0, 100])
def test_scores_are_those_of_sacrebleu(lowercase: bool, samples: int) -> None:
    options = EvaluationOptions(lowercase=lowercase, bootstrap_samples=samples)
    found = by_metric(evaluate({"worse": WORSE}, REFERENCES, options)["worse"])
    expected = [
        sacrebleu.BLEU(lowercase=lowercase),
        sacrebleu.CHRF(lowercase=lowercase),
        sacrebleu.TER(case_sensitive=not lowercase),
    ]
    for metric in expected:
        score = metric.corpus_score(WORSE, [REFERENCES])
        assert math.isclose(found[score.name].score, score.score, rel_tol=1e-6)
        signature = set(found[score.name].signature.split("|"))
        assert signature >= set(metric.get_signature().format().split("|"))
        assert ("bs:100" in signature) == (samples == 100)
        assert f"version:{SACREBLEU_VERSION}" in signature


def test_case_counts_unless_told_otherwise() -> None:
    shouted = {"shouted": [text.upper() for text in REFERENCES]}
    cased = by_metric(evaluate(shouted, REFERENCES, PLAIN)["shouted"])
    caseless = by_metric(
        evaluate(shouted, REFERENCES, EvaluationOptions(lowercase=True, bootstrap_samples=0))["shouted"]
    )
    assert cased["BLEU"].score < 50 and cased["TER"].score > 50
    assert round(caseless["BLEU"].score, 6) == 100 and caseless["TER"].score == 0
    assert all("case:mixed" in score.signature for score in cased.values())
    assert all("case:lc" in score.signature for score in caseless.values())


def test_systems_are_compared_with_the_first() -> None:
    found = evaluate({"good": WORSE, "bad": WORST}, REFERENCES, QUICK)
    assert list(found) == ["good", "bad"]
    assert all(score.p_value is None and score.interval is not None for score in found["good"])
    assert all(score.p_value is not None and score.p_value < 0.05 for score in found["bad"])
    mean, interval = found["good"][0].mean, found["good"][0].interval
    assert mean is not None and interval is not None
    assert abs(mean - found["good"][0].score) < interval


def test_the_bootstrap_gives_the_same_numbers_again() -> None:
    systems = {"good": WORSE, "bad": WORST}
    assert evaluate(systems, REFERENCES, QUICK) == evaluate(systems, REFERENCES, QUICK)


def test_no_difference_is_never_significant() -> None:
    found = evaluate({"one": WORSE, "same": list(WORSE)}, REFERENCES, QUICK)
    assert [score.p_value for score in found["same"]] == [1, 1, 1]


def test_without_the_bootstrap_there_is_no_significance() -> None:
    found = evaluate({"one": WORSE, "other": WORST}, REFERENCES, PLAIN)
    assert {(score.mean, score.interval, score.p_value) for score in found["other"]} == {(None, None, None)}
    assert [score.score for score in found["one"]] == pytest.approx(
        [score.score for score in evaluate({"one": WORSE}, REFERENCES, QUICK)["one"]]
    )


def test_texts_without_spaces_are_cut_before_they_are_counted() -> None:
    near, far = ["今天天气很好。"] * 4, ["我们走吧,再见。"] * 4
    scores = evaluate({"near": ["今天天气不好。"] * 4, "far": far}, near, PLAIN, target="zh")
    assert "tok:zh" in scores["near"][0].signature and "asian:yes" in scores["near"][2].signature
    assert scores["far"][0].score < scores["near"][0].score < 100
    assert scores["near"][2].score < 50


def test_bleu_alone() -> None:
    assert bleu(WORSE, REFERENCES) == evaluate({"worse": WORSE}, REFERENCES, PLAIN)["worse"][0]


@pytest.mark.parametrize(
    ("systems", "references", "fault"),
    [
        ({}, ["a"], "no systems"),
        ({"mine": []}, [], "empty"),
        ({"mine": ["a"]}, ["a", "b"], "mine has 1 translations for 2 references"),
    ],
)
def test_what_can_not_be_compared_is_refused(systems, references, fault) -> None:
    with pytest.raises(InputError, match=fault):
        evaluate(systems, references)


def test_a_seed_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SACREBLEU_SEED", "abc")
    with pytest.raises(InputError, match=r"SACREBLEU_SEED: got 'abc', expected a whole number"):
        evaluate({"a": ["x"]}, ["x"])
