"""Languages of texts: probabilities, in order, over the languages that come into question."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nmt
from nmt.errors import InputError
from nmt.identification.identifier import BUNDLED, Detection, LanguageIdentifier
from nmt.identification.text import MAX_CHARACTERS

LABELS = ("de", "en", "fr", "yue")
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=5)


def by_language(detections: list[Detection]) -> dict[str, float]:
    return {found.language: found.confidence for found in detections}


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=30))
def test_confidences_are_probabilities_best_first(identifier: LanguageIdentifier, text: str) -> None:
    found = identifier.identify(text)
    values = [one.confidence for one in found]
    assert sorted(one.language for one in found) == sorted(LABELS)
    assert values == sorted(values, reverse=True)
    assert math.isclose(sum(values), 1, abs_tol=1e-6)
    assert identifier.identify(text, most=2) == found[:2]


@given(st.sets(st.sampled_from(LABELS), min_size=1))
def test_among_renormalises(identifier: LanguageIdentifier, among: set[str]) -> None:
    everything = by_language(identifier.identify("Guten Morgen"))
    total = sum(everything[language] for language in among)
    found = by_language(identifier.identify("Guten Morgen", among))
    assert found.keys() == among
    assert all(math.isclose(found[one], everything[one] / total, abs_tol=1e-6) for one in among)


@given(TEXTS, st.none() | st.just(["de", "en"]))
def test_a_batch_is_one_by_one(identifier: LanguageIdentifier, texts: list[str], among: list[str] | None) -> None:
    together = identifier.identify_batch(texts, among)
    assert len(together) == len(texts)
    for text, found in zip(texts, together, strict=True):
        alone = by_language(identifier.identify(text, among))
        assert by_language(found) == pytest.approx(alone, abs=1e-5)


def test_many_texts_keep_their_places(identifier: LanguageIdentifier) -> None:
    texts = [f"{'Hund ' * (i % 7)}Katze {i}" for i in range(600)]
    found = identifier.identify_batch(texts)
    for index in (0, 5, 255, 256, 599):
        assert by_language(found[index]) == pytest.approx(by_language(identifier.identify(texts[index])), abs=1e-5)


@pytest.mark.parametrize("text", ["", "  ", "12:30", "?!", "🙂 1,000", "\n"])
def test_a_text_without_letters_is_in_no_language(identifier: LanguageIdentifier, text: str) -> None:
    found = identifier.identify(text)
    assert found == [Detection(label, 0.0) for label in LABELS] == identifier.identify_batch([text])[0]
    assert identifier.unsure(found)


def test_other_labels_do_not_need_letters(make) -> None:
    found = LanguageIdentifier(make(label_kind="any")[1], name="mood").identify(":-)")
    assert math.isclose(sum(one.confidence for one in found), 1, abs_tol=1e-6)


def test_a_higher_temperature_is_less_sure(make) -> None:
    cold, hot = (LanguageIdentifier(make(temperature=value)[1], name="x").identify("Hund") for value in (0.5, 5))
    assert cold[0].language == hot[0].language and cold[0].confidence > hot[0].confidence


def test_unsure_below_one_half() -> None:
    assert LanguageIdentifier.unsure([])
    assert LanguageIdentifier.unsure([Detection("de", 0.49)])
    assert not LanguageIdentifier.unsure([Detection("de", 0.5)])


def test_codes_that_are_not_known_are_left_out(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("Hund", ["tlh", "de"]) == [Detection("de", 1.0)]
    for among in (["tlh"], []):
        with pytest.raises(InputError, match="is a language that is recognised"):
            identifier.identify("Hund", among)
        with pytest.raises(InputError, match="is a language that is recognised"):
            identifier.identify_batch(["Hund"], among)


def test_what_cannot_be_answered_is_refused(identifier: LanguageIdentifier) -> None:
    with pytest.raises(InputError, match="lone surrogate"):
        identifier.identify("a\ud800")
    with pytest.raises(InputError, match="lone surrogate"):
        identifier.identify_batch(["a", "\ud800"])
    with pytest.raises(InputError, match="most: got 0"):
        identifier.identify("a", most=0)


def test_capitals_are_read_as_small_letters_where_the_shape_says_so(make) -> None:
    for fold_case in (True, False):
        one = LanguageIdentifier(make(fold_case=fold_case)[1], name="x")
        assert (one.identify("GUTEN Morgen") == one.identify("guten morgen")) is fold_case


def test_of_a_long_text_the_start_is_read(identifier: LanguageIdentifier) -> None:
    start = "Hund und Katze. " * 100
    assert identifier.identify(start) == identifier.identify(start[:MAX_CHARACTERS] + "x" * 100_000)
    assert identifier.identify(start) == identifier.identify(" " * MAX_CHARACTERS + start)


def test_threads_may_share_it(identifier: LanguageIdentifier) -> None:
    texts = ["Ein Hund läuft", "A dog", "Katze", "The cat sleeps under the stove."] * 20
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(identifier.identify, texts)) == list(map(identifier.identify, texts))


def test_it_says_what_it_is(identifier: LanguageIdentifier) -> None:
    described = identifier.describe()
    assert described["name"] == "random" and described["labels"] == list(LABELS)
    assert described["provenance"] == {"data": "none"}


@pytest.fixture(scope="module")
def bundled() -> LanguageIdentifier:
    return nmt.LanguageIdentifier.load()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Guten Morgen, wie geht es dir?", "de"),
        ("WHERE IS THE STATION?", "en"),
        ("je ne sais pas", "fr"),
        ("¿Dónde está la estación?", "es"),
        ("donde esta la estacion", "es"),
        ("Я не знаю, где вокзал.", "ru"),
        ("駅はどこですか。", "ja"),
        ("Πού είναι ο σταθμός;", "el"),
        ("Geschwindigkeit", "de"),
        ("yesterday", "en"),
    ],
)
def test_the_bundled_one_knows_languages(bundled: LanguageIdentifier, text: str, language: str) -> None:
    found = bundled.identify(text)
    assert found[0].language == language and not bundled.unsure(found)


def test_the_bundled_one_is_small() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) <= 3_000_000


def test_no_torch_is_needed() -> None:
    import subprocess
    import sys

    code = "import sys, nmt; nmt.LanguageIdentifier.load().identify('Hund'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
