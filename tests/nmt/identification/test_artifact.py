"""A classifier's folder: save and load give the same bits, and what is wrong is named."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nmt.errors import ArtifactError, ConfigError
from nmt.identification.artifact import ClassifierHeader, load_classifier, save_classifier


@pytest.fixture
def folder(make, tmp_path: Path) -> Path:
    save_classifier(tmp_path / "saved", make()[1])
    return tmp_path / "saved"


def test_what_is_saved_is_loaded(make, folder: Path) -> None:
    saved, loaded = make()[1], load_classifier(folder)
    assert loaded.header == saved.header and loaded.provenance == saved.provenance
    assert loaded.tokenizer.serialized == saved.tokenizer.serialized
    for name, weight in saved.weights.items():
        assert loaded.weights[name].tobytes() == weight.tobytes()
    assert {path.name for path in folder.iterdir()} == {
        "config.json", "model.safetensors", "tokenizer.model", "SHA256SUMS", "README.md"
    }  # fmt: skip


def test_weights_can_be_stored_at_half_the_size(make, tmp_path: Path) -> None:
    artifact = make()[1]
    save_classifier(
        tmp_path / "half", replace(artifact, header=replace(artifact.header, dtype="float16")), card="hello"
    )
    loaded = load_classifier(tmp_path / "half")
    assert all(weight.dtype == np.float16 for weight in loaded.weights.values())
    assert (tmp_path / "half" / "README.md").read_text() == "hello"


def test_an_earlier_classifier_is_replaced_and_nothing_else(make, folder: Path, tmp_path: Path) -> None:
    save_classifier(folder, make(temperature=2.0)[1])
    assert load_classifier(folder).header.temperature == 2.0
    (folder / "diary.txt").write_text("dear me")
    with pytest.raises(ArtifactError, match="something else than a model"):
        save_classifier(folder, make()[1])


def test_infinite_weights_are_not_written(make, tmp_path: Path) -> None:
    artifact = make()[1]
    weights = {name: weight * np.float32(1e30) for name, weight in artifact.weights.items()}
    large = replace(artifact, weights=weights, header=replace(artifact.header, dtype="float16"))
    with pytest.raises(ArtifactError, match="not finite numbers in float16"):
        save_classifier(tmp_path / "x", large)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.model", "SHA256SUMS"])
def test_damage_is_named(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-70])
    with pytest.raises(ArtifactError, match=r"is cut short or altered|SHA256SUMS has no line for tokenizer.model"):
        load_classifier(folder)
    (folder / name).unlink()
    with pytest.raises(ArtifactError, match=rf"is incomplete, it lacks {name}"):
        load_classifier(folder)


def rewrite(folder: Path, **changes: object) -> None:
    import hashlib

    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    lines[0] = f"{hashlib.sha256(path.read_bytes()).hexdigest()}  config.json"
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": 9}, "format version is 9, this release reads 1"),
        ({"kind": "poem"}, "does not describe a classifier"),
        ({"labels": ["a", "b"]}, r"output\.bias is .*\(4,\).*expected .*\(2,\)"),
        ({"labels": ["a", "a", "b", "c"]}, "labels"),
        ({"temperature": 0}, "temperature"),
        ({"provenance": 3}, "provenance must be a table"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_configuration_that_does_not_fit_is_named(folder: Path, changes: dict[str, object], message: str) -> None:
    rewrite(folder, **changes)
    with pytest.raises(ArtifactError, match=message):
        load_classifier(folder)


def test_a_model_that_translates_is_no_classifier(artifact_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="does not describe a classifier"):
        load_classifier(artifact_folder)
    with pytest.raises(ArtifactError, match="there is no model folder"):
        load_classifier(tmp_path / "absent")


def test_labels_are_two_or_more(make) -> None:
    with pytest.raises(ConfigError, match="labels"):
        ClassifierHeader(model=make()[1].header.model, labels=("a",))
