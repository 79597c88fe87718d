"""What a model is, for people and for scripts."""

import json


def test_people_read_lines(run, shouter) -> None:
    text = run("info").out
    assert "directions  en-de, en-fr, de-fr" in text
    assert "parameters  1,234,567" in text
    assert "  bidirectional    yes\n" in text
    assert "  data  name Tatoeba, licence CC BY 2.0 FR\n" in text
    assert "  scores:\n    BLEU  33.3\n" in text


def test_scripts_read_json(run, shouter) -> None:
    assert json.loads(run("info", "--json").out) == shouter.describe()


def test_a_real_model_describes_itself(run, artifact_folder, translator) -> None:
    assert json.loads(run("info", "--model", artifact_folder, "--json").out) == translator.describe()
    assert "seed  1" in run("info", "--model", artifact_folder).out


def test_a_folder_that_is_no_model_is_named(run, tmp_path) -> None:
    result = run("info", "--model", tmp_path)
    assert result.status == 2 and str(tmp_path) in result.err
