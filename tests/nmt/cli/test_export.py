"""A model that is handed on: smaller weights, the same shape, what is recorded of it."""

import json

import pytest
import torch

from nmt.artifact import load_artifact


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
