"""A model that is handed on: smaller weights, the same shape, what is recorded of it."""

import json
from dataclasses import replace

import pytest
import torch

from nmt.artifact import load_artifact, save_artifact
from nmt.model import Seq2Seq
from nmt.tokenizer import train_sentencepiece
from nmt.vocabulary import language_tag


def test_weights_are_rounded_and_the_rest_is_kept(run, artifact_folder, artifact, tmp_path) -> None:
    assert run("export", tmp_path / "small", "--model", artifact_folder).status == 0
    small = load_artifact(tmp_path / "small")
    assert small.directions == artifact.directions and small.provenance == artifact.provenance
    for name, tensor in artifact.model.state_dict().items():
        assert torch.equal(small.model.state_dict()[name], tensor.half().float())


def test_provenance_and_card_are_taken_over(run, artifact_folder, tmp_path) -> None:
    (tmp_path / "data.json").write_text('{"licence": "CC0"}', encoding="utf-8")
    (tmp_path / "card.md").write_text("# Mine\n", encoding="utf-8")
    given = ["--provenance", tmp_path / "data.json", "--card", tmp_path / "card.md", "--dtype", "float32"]
    assert run("export", tmp_path / "copy", "--model", artifact_folder, *given).status == 0
    assert load_artifact(tmp_path / "copy").provenance == {"licence": "CC0"}
    assert (tmp_path / "copy" / "README.md").read_text(encoding="utf-8") == "# Mine\n"


@pytest.mark.parametrize("content", [None, "{", json.dumps([1])], ids=["missing", "broken", "list"])
def test_a_faulty_provenance_is_named_and_nothing_written(run, artifact_folder, tmp_path, content) -> None:
    if content is not None:
        (tmp_path / "data.json").write_text(content, encoding="utf-8")
    result = run("export", tmp_path / "copy", "--model", artifact_folder, "--provenance", tmp_path / "data.json")
    assert result.status == 2 and "data.json" in result.err
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_mean_of_two_models_lies_between_them(run, artifact_folder, artifact, tmp_path, share: float) -> None:
    other = Seq2Seq(artifact.config)
    save_artifact(tmp_path / "other", replace(artifact, model=other))
    given = ("--model", artifact_folder, "--mean-with", tmp_path / "other", "--share", share, "--dtype", "float32")
    assert run("export", tmp_path / "mean", *given).status == 0
    ours, theirs = artifact.model.state_dict(), other.state_dict()
    for name, weight in load_artifact(tmp_path / "mean").model.state_dict().items():
        torch.testing.assert_close(weight, (1 - share) * ours[name] + share * theirs[name])


def test_models_that_differ_have_no_mean(run, artifact_folder, artifact, sentences, tmp_path) -> None:
    wider = Seq2Seq(replace(artifact.config, decoder_width=artifact.config.decoder_width + 4))
    save_artifact(tmp_path / "wider", replace(artifact, model=wider))
    size, symbols = artifact.tokenizer.size, [language_tag("de"), language_tag("en")]
    vocabulary = train_sentencepiece(sentences[:-1], vocabulary_size=size, symbols=symbols)
    save_artifact(tmp_path / "other", replace(artifact, tokenizer=vocabulary))
    for name, said in (("wider", "different shapes"), ("other", "different vocabularies")):
        result = run("export", tmp_path / "mean", "--model", artifact_folder, "--mean-with", tmp_path / name)
        assert result.status == 2 and said in result.err and not (tmp_path / "mean").exists()


def test_the_mean_says_whose_it_is_and_has_no_scores(run, artifact_folder, artifact, tmp_path) -> None:
    for name in ("a", "b"):
        provenance = {"licence": name, "scores": {"en-de": 40.0}, "validation": {"bleu": 1.0}, "share": 9}
        save_artifact(tmp_path / name, replace(artifact, provenance=provenance))
    given = ("--model", tmp_path / "a", "--mean-with", tmp_path / "b", "--share", 0.25)
    assert run("export", tmp_path / "mean", *given).status == 0
    first, second = {"share": 0.75, "licence": "a"}, {"share": 0.25, "licence": "b"}
    assert load_artifact(tmp_path / "mean").provenance == {"mean_of": {"first": first, "second": second}}
    result = run("export", tmp_path / "other", "--model", tmp_path / "a", "--share", 0.25)
    assert result.status == 2 and "--mean-with FOLDER" in result.err and not (tmp_path / "other").exists()
