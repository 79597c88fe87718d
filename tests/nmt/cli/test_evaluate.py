"""Test sets, systems, and what is said of them."""

import json
import os
from pathlib import Path

import pytest

from nmt.cli.output import CLOSED_PIPE
from nmt.cli.systems import named

QUICK = ("--bootstrap-samples", 50)
DE = ("--source", "en", "--target", "de")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Test sets `a` and `b` of 8 and 4 sentences; hypotheses `good` and `bad` for both."""
    for name, count in {"a": 8, "b": 4}.items():
        sources = [f"number {i} of the set {name} , a little longer" for i in range(count)]
        written = {
            f"{name}.en": sources,
            f"{name}.de": [text.upper() for text in sources],
            f"good-{name}.de": [text.upper().replace("LITTLE", "BIT") for text in sources],
            f"bad-{name}.de": ["something else" for _ in sources],
        }
        for file, lines in written.items():
            (tmp_path / file).write_text("".join(line + "\n" for line in lines))
    return tmp_path


@pytest.fixture
def one_set(folder: Path) -> tuple[Path, Path]:
    return folder / "a.en", folder / "a.de"


@pytest.fixture
def both_sets(folder: Path) -> tuple[Path, ...]:
    return folder / "a.en", folder / "a.de", folder / "b.en", folder / "b.de"


CASES = """
source = "en"
target = "de"
shouting = [
  { text = "hello", accept = "HELLO" },
  { text = "two words", match = "TWO", reject = "WORDS" },
]
[[doubt]]
text = "what"
warned = true
[[foreign]]
text = "hola"
source = "es"
accept = "HOLA"
"""


def scores(system: dict) -> dict[str, float]:
    return {score["metric"]: round(score["score"], 6) for score in system["scores"]}


def test_a_model_is_translated_and_timed(run, shouter, one_set) -> None:
    result = run("evaluate", *one_set, *DE, "--json", "--bootstrap-samples", 0, "--beam-size", 3)
    (line,) = result.lines
    report = json.loads(line)
    assert (report["source"], report["target"]) == ("en", "de")
    assert report["search"]["beam_size"] == 3
    assert report["nmt"] and report["sacrebleu"]
    (test,) = report["tests"]
    assert (test["name"], test["sentences"], test["reference_file"]) == ("a", 8, str(one_set[1]))
    (system,) = test["systems"]
    assert (system["name"], system["model"], system["baseline"]) == ("bundled", "shouter", True)
    assert system["seconds"] >= 0 and system["sentences_per_second"] > 0
    assert scores(system) == {"BLEU": 100, "chrF2": 100, "TER": 0}
    assert all("version:" in score["signature"] for score in system["scores"])


def test_finished_translations_need_no_model(run, one_set, folder) -> None:
    result = run("evaluate", *one_set, "--hypotheses", folder / "good-a.de", "--json", *QUICK)
    report = json.loads(result.out)
    (system,) = report["tests"][0]["systems"]
    assert (system["name"], system["model"], system["seconds"]) == ("good-a.de", None, None)
    assert system["hypotheses"] == str(folder / "good-a.de")
    assert report["search"] is None


def test_systems_are_compared_on_every_set(run, shouter, both_sets, folder) -> None:
    given = [("--hypotheses", f"{name}={folder}/{name}-{one}.de") for name in ("good", "bad") for one in "ab"]
    result = run("evaluate", *both_sets, *DE, "--model", "m=folder", *sum(given, ()), "--json", *QUICK)
    tests = json.loads(result.out)["tests"]
    assert [test["name"] for test in tests] == ["a", "b"]
    for test in tests:
        model, good, bad = test["systems"]
        assert [model["name"], good["name"], bad["name"]] == ["m", "good", "bad"]
        assert scores(model)["BLEU"] == 100 > scores(good)["BLEU"] > scores(bad)["BLEU"]
        assert all(score["p_value"] is None for score in model["scores"])
        assert all(0 < score["p_value"] < 0.05 for score in bad["scores"])


def test_any_system_may_be_the_baseline(run, one_set, folder) -> None:
    given = ("--hypotheses", folder / "good-a.de", "--hypotheses", folder / "bad-a.de")
    result = run("evaluate", *one_set, *given, "--baseline", "bad-a.de", "--json", *QUICK)
    systems = json.loads(result.out)["tests"][0]["systems"]
    assert [(system["name"], system["baseline"]) for system in systems] == [("bad-a.de", True), ("good-a.de", False)]
    wrong = run("evaluate", *one_set, *given, "--baseline", "ugly")
    assert wrong.status == 2 and "'ugly', expected one of good-a.de, bad-a.de" in wrong.err


def test_people_get_a_table_with_signatures(run, shouter, one_set, folder) -> None:
    result = run("evaluate", *one_set, *DE, "--model", "m", "--hypotheses", folder / "bad-a.de", *QUICK)
    text = result.out
    assert (result.status, result.err) == (0, "")
    assert "a: 8 sentences" in text and "BLEU ↑" in text and "TER ↓" in text
    assert "100.00 ± 0.00" in text and "(p = 0.020)*" in text
    assert "nrefs:1|bs:50|seed:12345|case:mixed|eff:no|tok:13a" in text
    assert "beam_size 5" in text
    assert not any(line.endswith(" ") for line in result.lines)


def test_case_can_be_left_out(run, one_set, folder) -> None:
    shout, whisper = folder / "a.de", folder / "whisper"
    whisper.write_text(shout.read_text().lower())
    arguments = ("evaluate", *one_set, "--hypotheses", whisper, "--json", *QUICK)
    (cased,) = json.loads(run(*arguments).out)["tests"][0]["systems"]
    (caseless,) = json.loads(run(*arguments, "--lowercase").out)["tests"][0]["systems"]
    assert scores(cased)["BLEU"] < scores(caseless)["BLEU"] == 100


def test_names_tell_systems_and_sets_apart(run, tmp_path, one_set) -> None:
    for name in "xy":
        (tmp_path / name).mkdir()
        (tmp_path / name / "out.de").write_text(one_set[1].read_text())
        (tmp_path / name / "a.de").write_text(one_set[1].read_text())
    hypotheses = [part for name in "xy" for part in ("--hypotheses", tmp_path / name / "out.de")]
    systems = json.loads(run("evaluate", *one_set, *hypotheses, "--json", *QUICK).out)["tests"][0]["systems"]
    assert [system["name"] for system in systems] == [f"{tmp_path}/x/out.de", f"{tmp_path}/y/out.de"]
    sets = [path for name in "xy" for path in (one_set[0], tmp_path / name / "a.de")]
    named = [part for name in "xy" for part in ("--hypotheses", f"same={tmp_path}/{name}/out.de")]
    tests = json.loads(run("evaluate", *sets, *named, "--json", *QUICK).out)["tests"]
    assert [test["name"] for test in tests] == [f"{tmp_path}/x/a.de", f"{tmp_path}/y/a.de"]


def test_a_path_may_hold_an_equals_sign(run, tmp_path, one_set) -> None:
    path = tmp_path / "beam=5.de"
    path.write_text(one_set[1].read_text())
    result = run("evaluate", *one_set, "--hypotheses", path, "--json", *QUICK)
    assert json.loads(result.out)["tests"][0]["systems"][0]["name"] == "beam=5.de"


MISTAKES = {
    "no reference": (["a.en"], "pairs of files, SOURCE REFERENCE: got 1"),
    "unequal set": (["a.en", "b.de"], "a.en has 8, {}/b.de has 4 lines"),
    "unequal hypotheses": (["a.en", "a.de", "--hypotheses", "b.de"], "b.de has 4, {}/a.de has 8 lines"),
    "missing file": (["a.en", "none.de"], "can't read {}/none.de: No such file"),
    "empty set": (["empty", "empty"], "nothing to evaluate"),
    "too few files": (
        ["a.en", "a.de", "b.en", "b.de", "--hypotheses", "good-a.de"],
        "good-a.de: got 1, expected 2 files of translations",
    ),
    "nothing": ([], "nothing to evaluate: name a test set"),
    "no training text": (
        ["a.en", "a.de", "--hypotheses", "a.de", "--training-text", "none.de"],
        "can't read {}/none.de",
    ),
    "empty training text": (["a.en", "a.de", "--hypotheses", "a.de", "--training-text", "empty"], "no words in it"),
    "training text of nothing": (["--challenge", "cases.toml", "--training-text", "a.de"], "name SOURCE REFERENCE"),
    "hypotheses of nothing": (["--challenge", "cases.toml", "--hypotheses", "a.de"], "name SOURCE REFERENCE"),
    "wrong case": (["--challenge", "wrong.toml"], "wrong.toml, line 1, a: en: got 'x'"),
    "cases of nobody": (
        ["--challenge", "french.toml"],
        "the cases are in es-fr, which no model serves (bundled: en-de",
    ),
    "sentences for people": (["a.en", "a.de", "--hypotheses", "a.de", "--sentences"], "--sentences is for --json"),
    "no folder for the page": (["a.en", "a.de", "--hypotheses", "a.de", "--html", "no/page"], "there is no folder no"),
    "a folder as the page": (["a.en", "a.de", "--hypotheses", "a.de", "--html", "."], "it is a folder"),
    "no language code": (["a.en", "a.de", "--hypotheses", "a.de", "--target", "zh-Hans"], "--target: got 'zh-Hans'"),
    "one language": (
        ["a.en", "a.de", "--hypotheses", "a.de", "--source", "de", "--target", "de"],
        "--target: got 'de', expected another language",
    ),
    "several translations": (["a.en", "a.de", "--n-best", "2"], "--n-best: `nmt evaluate` looks at the best"),
    "no target": (["a.en", "a.de", "--model", "m"], "--target is missing"),
    "broken model": (["a.en", "a.de", "--target", "de", "--model", "m", "--model", "broken"], "broken is broken"),
    "two of a name": (
        ["a.en", "a.de", "--target", "de", "--model", "good-a.de", "--hypotheses", "good-a.de"],
        "two systems are called good-a.de",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_found_before_anything_is_translated(run, shouter, folder, name, monkeypatch) -> None:
    (folder / "empty").touch()
    (folder / "cases.toml").write_text(CASES)
    (folder / "french.toml").write_text('source = "es"\ntarget = "fr"\nx = [{ text = "a", accept = ["b"] }]')
    (folder / "wrong.toml").write_text('[[a]]\nen = "x"')
    monkeypatch.chdir(folder)
    files = {path.name for path in folder.iterdir()} | {"none.de"}
    arguments, fault = MISTAKES[name]
    given = [folder / word if word in files else word for word in arguments]
    result = run("evaluate", *given)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("nmt: error: ") and result.err.count("\n") == 1
    assert fault.format(folder) in result.err
    assert shouter.asked == []


def test_results_by_length_and_by_frequency(run, one_set, folder) -> None:
    given = ("--hypotheses", folder / "good-a.de", "--hypotheses", folder / "bad-a.de")
    training = ("--training-text", folder / "a.de", "--training-text", folder / "b.de")
    (test,) = json.loads(run("evaluate", *one_set, *given, *training, "--json", *QUICK).out)["tests"]
    (band,) = test["lengths"]
    assert (band["words"], band["sentences"]) == ({"name": "6-10", "first": 6, "last": 10}, 8)
    good, bad = band["systems"]
    assert (good["name"], good["length_ratio"]) == ("good-a.de", 1)
    assert good["bleu"] == pytest.approx(scores(test["systems"][0])["BLEU"]) and good["chrf"] > bad["chrf"]
    assert "sentence_results" not in test
    found = {one["occurrences"]["name"]: one["systems"] for one in test["frequencies"]}
    assert list(found) == ["0", "1-4", "10-99"]
    assert (found["0"][0]["in_translations"], found["0"][0]["precision"], found["0"][0]["recall"]) == (8, 0, None)
    assert (found["1-4"][0]["f1"], found["10-99"][0]["precision"], found["10-99"][1]["recall"]) == (1, 1, 0)
    text = run("evaluate", *one_set, *given, *training, *QUICK).out
    assert "by words of the source sentence" in text and "how often the training text has a target word" in text
    plain = run("evaluate", *one_set, *given, *QUICK)
    assert "training text" not in plain.out


def test_sentences_are_told_where_asked_for(run, one_set, folder) -> None:
    arguments = ("evaluate", *one_set, "--hypotheses", folder / "good-a.de", "--json", "--sentences", *QUICK)
    (test,) = json.loads(run(*arguments).out)["tests"]
    first = test["sentence_results"][0]
    assert len(test["sentence_results"]) == 8
    assert first["reference"] == first["source"].upper()
    assert first["systems"][0]["text"].endswith("BIT LONGER") and 0 < first["systems"][0]["chrf"] < 100


def test_empty_references_are_told_of(run, one_set, folder) -> None:
    lines = one_set[1].read_text().splitlines()
    one_set[1].write_text("\n".join([lines[0], "", *lines[2:-1], " "]) + "\n")
    result = run("evaluate", *one_set, "--hypotheses", folder / "good-a.de", *QUICK)
    assert f"{one_set[1]}: 2 of 8 references are empty, the first in line 2" in result.err


def test_a_challenge_needs_no_test_set(run, shouter, tmp_path) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(CASES)
    report = json.loads(run("evaluate", "--challenge", path, "--model", "a=x", "--model", "b=y", "--json").out)
    assert report["tests"] == []
    for name, found in zip("ab", report["challenge"]["systems"], strict=True):
        assert (found["name"], found["passed"], found["asked"], found["skipped"]) == (name, 1, 3, 1)
        assert found["categories"] == [
            {"category": "shouting", "passed": 1, "asked": 2},
            {"category": "doubt", "passed": 0, "asked": 1},
        ]
        assert [case["answer"] for case in found["cases"] if not case["passed"]] == ["TWO WORDS", "WHAT"]
        assert found["cases"][1]["faults"] == ["WORDS matches"]


def test_failed_cases_are_shown_with_what_came_out(run, shouter, tmp_path) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(CASES)
    result = run("evaluate", "--challenge", path)
    assert (result.status, result.err) == (0, "")
    assert "bundled: 1 of 3 cases passed; 1 skipped" in result.out
    assert "  shouting, en-de: two words   (cases.toml, line 6)\n      → TWO WORDS\n      WORDS matches\n" in result.out


def test_a_challenge_beside_a_test_set(run, shouter, one_set, tmp_path) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(CASES)
    report = json.loads(run("evaluate", *one_set, *DE, "--challenge", path, "--json", *QUICK).out)
    assert len(report["tests"]) == 1 and report["challenge"]["files"] == [str(path)]


def test_languages_choose_among_the_cases(run, shouter, tmp_path) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(CASES)
    report = json.loads(run("evaluate", "--challenge", path, "--source", "en", "--json").out)
    (found,) = report["challenge"]["systems"]
    assert found["asked"] == 3 and found["skipped"] == 0
    result = run("evaluate", "--challenge", path, "--source", "de", "--target", "pt")
    assert result.status == 2 and "--challenge: no case is from de to pt; there are " in result.err


def test_a_challenge_beside_finished_translations(run, shouter, one_set, folder, tmp_path) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(CASES)
    arguments = (*one_set, "--hypotheses", folder / "good-a.de", "--challenge", path, "--json", *QUICK)
    report = json.loads(run("evaluate", *arguments).out)
    assert [system["name"] for system in report["tests"][0]["systems"]] == ["good-a.de"]
    assert report["challenge"]["systems"][0]["asked"] == 3


def test_a_real_model_is_evaluated(run, artifact_folder, tmp_path, sentences) -> None:
    half = len(sentences) // 2
    (tmp_path / "s.en").write_text("\n".join(sentences[:half]))
    (tmp_path / "s.de").write_text("\n".join(sentences[half:]))
    arguments = (tmp_path / "s.en", tmp_path / "s.de", *DE, "--model", artifact_folder, "--max-length", 6)
    result = run("evaluate", *arguments, *QUICK, "--json")
    (system,) = json.loads(result.out)["tests"][0]["systems"]
    assert (system["name"], system["model"]) == ("tiny", str(artifact_folder))
    assert scores(system)["BLEU"] < 100


def test_names_are_text_in_the_tables(run, one_set, folder) -> None:
    given = [("--hypotheses", f"{name}={folder}/good-a.de") for name in ("[/x]", "[red]", "run:100:")]
    result = run("evaluate", *one_set, *sum(given, ()), *QUICK)
    assert result.status == 0 and all(name in result.out for name in ("[/x]", "[red]", "run:100:"))


def test_file_names_that_are_not_unicode_are_shown(run, one_set, folder) -> None:
    other = one_set[1].with_name(os.fsdecode(b"b\xff.de"))
    other.write_bytes(one_set[1].read_bytes())
    for more in ((), ("--json",), ("--html", folder / "page.html")):
        result = run("evaluate", one_set[0], other, "--hypotheses", folder / "good-a.de", *more, *QUICK)
        assert result.status == 0 and "b\\udcff" in result.out


def test_a_page_is_never_written_over_what_is_read(run, shouter, one_set, folder) -> None:
    good, cases = folder / "good-a.de", folder / "cases.toml"
    cases.write_text(CASES)
    for path in (*one_set, good, cases):
        before = path.read_bytes()
        result = run("evaluate", *one_set, *DE, "--hypotheses", good, "--challenge", cases, "--html", path, *QUICK)
        assert result.status == 2 and f"{path} is read" in result.err and path.read_bytes() == before


def test_the_page_is_there_though_nobody_reads_the_tables(run, one_set, folder, monkeypatch) -> None:
    def gone(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("nmt.cli.output.LineWriter.__call__", gone)
    monkeypatch.setattr("nmt.cli.output.os.dup2", lambda *_: None)
    page = folder / "page.html"
    result = run("evaluate", *one_set, "--hypotheses", folder / "good-a.de", "--html", page, *QUICK)
    assert result.status == CLOSED_PIPE and "</html>" in page.read_text()


def test_the_tables_are_there_though_the_page_fails(run, one_set, folder, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nmt.cli.comparison.replace_file", full)
    given = ("--hypotheses", folder / "good-a.de", "--html", folder / "page.html")
    result = run("evaluate", *one_set, *given, *QUICK)
    assert result.status == 2 and "BLEU" in result.out and "No space left on device" in result.err


def test_cases_that_are_named_twice_count_once(run, shouter, folder) -> None:
    (folder / "cases.toml").write_text(CASES)
    once = run("evaluate", *DE, "--challenge", folder / "cases.toml")
    assert once.status == 0
    twice = run("evaluate", *DE, "--challenge", folder / "cases.toml", "--challenge", folder)
    assert twice.out.count("2 of 2") == once.out.count("2 of 2")


def test_an_ensemble_has_the_names_of_its_members(one_set, tmp_path: Path) -> None:
    assert [name for name, _ in named([f"{tmp_path}/a+{tmp_path}/b", f"{tmp_path}/b"])] == ["a+b", "b"]
