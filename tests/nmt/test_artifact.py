"""A model folder gives back what was saved, or says what is wrong with it and what to do."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

import nmt.artifact
import nmt.files
from nmt.artifact import Artifact, load_artifact, save_artifact
from nmt.config import ModelConfig
from nmt.direction import Direction
from nmt.errors import ArtifactError
from nmt.files import previous_name
from nmt.known_words import KnownWords
from nmt.model import Seq2Seq
from nmt.model_folder import NEEDED
from nmt.tokenizer import SentencePieceTokenizer, train_sentencepiece

FILES = ["README.md", "SHA256SUMS", "config.json", "model.safetensors", "tokenizer.model"]


@pytest.fixture
def folder(artifact_folder: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    shutil.copytree(artifact_folder, tmp_path / "model")
    return tmp_path / "model"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def sum_again(folder: Path, *more: str) -> None:
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in (*NEEDED, *more)]
    (folder / "SHA256SUMS").write_text("".join(lines))


def change_config(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """As a release that wrote it so would have: the sums are right."""
    mapping = json.loads((folder / "config.json").read_text())
    change(mapping)
    (folder / "config.json").write_text(json.dumps(mapping))
    sum_again(folder)


def change_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    tensors = safetensors.torch.load_file(folder / "model.safetensors")
    change(tensors)
    safetensors.torch.save_file(tensors, folder / "model.safetensors")
    sum_again(folder)


def refusal(folder: Path) -> str:
    with pytest.raises(ArtifactError) as raised:
        load_artifact(folder)
    return str(raised.value)


def test_load_gives_the_bits_that_were_saved(artifact: Artifact, artifact_folder: Path) -> None:
    loaded = load_artifact(artifact_folder)
    saved, found = artifact.model.state_dict(), loaded.model.state_dict()
    assert saved.keys() == found.keys()
    for name, tensor in saved.items():
        assert found[name].dtype == torch.float32
        assert torch.equal(tensor, found[name])
    assert loaded.config == artifact.config
    assert loaded.directions == artifact.directions
    assert loaded.provenance == artifact.provenance
    assert loaded.tokenizer.serialized == artifact.tokenizer.serialized
    assert not loaded.model.training


def test_rounding_happens_once(artifact: Artifact, tmp_path: Path) -> None:
    save_artifact(tmp_path / "first", artifact, dtype="float16")
    first = load_artifact(tmp_path / "first")
    for name, tensor in artifact.model.state_dict().items():
        assert torch.equal(first.model.state_dict()[name], tensor.half().float())
    save_artifact(tmp_path / "second", first, dtype="float16")
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("first", "second")]
    assert weights[0] == weights[1]


@pytest.mark.parametrize("tying", ["none", "output", "all"])
@pytest.mark.parametrize("cell", ["rnn_tanh", "gru_reset_before", "lstm"])
def test_every_shape_of_model_comes_back(
    tokenizer: SentencePieceTokenizer, tmp_path: Path, cell: str, tying: str
) -> None:
    config = ModelConfig.from_mapping(
        {
            "vocabulary_size": tokenizer.size, "cell": cell, "tied_embeddings": tying, "embedding_width": 6,
            "readout_width": 6, "encoder_width": 4, "encoder_layers": 2, "projected_memory_width": 5,
            "decoder_width": 7, "decoder_layers": 2, "attention": "additive", "query_sees_last_word": True,
        }
    )  # fmt: skip
    model = Seq2Seq(config)
    save_artifact(tmp_path / "model", Artifact(model, (Direction("en", "de"),), tokenizer))
    loaded = load_artifact(tmp_path / "model").model
    assert [name for name, _ in loaded.named_parameters()] == [name for name, _ in model.named_parameters()]
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), loaded.parameters(), strict=True))


def test_loading_draws_no_random_numbers(artifact_folder: Path) -> None:
    before = torch.get_rng_state()
    load_artifact(artifact_folder)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_folder_holds_these_files_and_their_sums(artifact_folder: Path) -> None:
    assert sorted(path.name for path in artifact_folder.iterdir()) == FILES
    lines = [line.split("  ") for line in (artifact_folder / "SHA256SUMS").read_text().splitlines()]
    assert {name: digest for digest, name in lines} == {
        name: hashlib.sha256((artifact_folder / name).read_bytes()).hexdigest() for name in NEEDED
    }


def test_the_config_is_plain_json(artifact_folder: Path, artifact: Artifact) -> None:
    assert json.loads((artifact_folder / "config.json").read_text()) == {
        "format_version": 1,
        "model": artifact.config.to_mapping(),
        "directions": [{"source": "en", "target": "de"}, {"source": "de", "target": "en"}],
        "dtype": "float32",
        "provenance": {"data": "sentences of the tests", "seed": 1},
    }


def test_the_card_is_given_or_made(artifact: Artifact, tmp_path: Path) -> None:
    save_artifact(tmp_path / "made", artifact)
    card = (tmp_path / "made" / "README.md").read_text()
    assert card.startswith("# made\n")
    assert all(text in card for text in ("en-de", "de-en", "sentences of the tests", "vocabulary_size: 400"))
    save_artifact(tmp_path / "given", artifact, card="# Mine\n")
    assert (tmp_path / "given" / "README.md").read_text() == "# Mine\n"
    (tmp_path / "given" / "README.md").unlink()
    load_artifact(tmp_path / "given")


def test_saving_again_replaces_the_model(folder: Path, artifact: Artifact) -> None:
    save_artifact(folder, artifact, dtype="float16")
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert json.loads((folder / "config.json").read_text())["dtype"] == "float16"
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


@pytest.mark.parametrize("files_that_fit", range(5))
def test_a_full_disk_leaves_the_earlier_model_whole(
    folder: Path, artifact: Artifact, monkeypatch: pytest.MonkeyPatch, files_that_fit: int
) -> None:
    before, left, fsync = content(folder), iter(range(files_that_fit)), os.fsync

    def full(handle: int) -> None:
        if next(left, None) is None:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArtifactError, match=r"can't write .*model: No space left .* unchanged\. Make room"):
        save_artifact(folder, artifact, dtype="float16")
    assert content(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_folder_with_anything_else_is_not_replaced(artifact: Artifact, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ArtifactError, match=r"holds something else than a model .*thesis\.tex.* choose another"):
        save_artifact(tmp_path, artifact)
    with pytest.raises(ArtifactError, match=r"thesis\.tex is a file"):
        save_artifact(tmp_path / "thesis.tex", artifact)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(("value", "dtype"), [(float("nan"), "float32"), (float("inf"), "float32"), (1e6, "float16")])
def test_weights_that_are_not_finite_are_not_saved(
    artifact: Artifact, tmp_path: Path, value: float, dtype: Any
) -> None:
    model = Seq2Seq(artifact.config)
    model.output_bias.data[3] = value
    broken = Artifact(model, artifact.directions, artifact.tokenizer)
    with pytest.raises(ArtifactError, match=f"output_bias are not finite numbers in {dtype}"):
        save_artifact(tmp_path / "model", broken, dtype=dtype)
    assert not list(tmp_path.iterdir())


def test_provenance_must_be_json(artifact: Artifact, tmp_path: Path) -> None:
    odd = Artifact(artifact.model, artifact.directions, artifact.tokenizer, {"when": object()})
    with pytest.raises(ArtifactError, match="provenance can't be written as JSON"):
        save_artifact(tmp_path / "model", odd)


def replaced_once(monkeypatch: pytest.MonkeyPatch, name: str, replace: Callable[[], object]) -> None:
    """Run `replace` just before the file `name` is read for the first time."""
    read_bytes, waiting = Path.read_bytes, [replace]

    def reading(path: Path) -> bytes:
        if path.name == name and waiting:
            waiting.pop()()
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", reading)


@pytest.mark.parametrize("name", ["SHA256SUMS", "config.json", "model.safetensors"])
def test_a_model_that_is_saved_while_it_is_loaded_is_loaded(
    folder: Path, artifact: Artifact, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    newer = Artifact(artifact.model, artifact.directions[:1], artifact.tokenizer, {"step": 2})
    replaced_once(monkeypatch, name, lambda: save_artifact(folder, newer, dtype="float16"))
    loaded = load_artifact(folder)
    assert (loaded.directions, loaded.provenance) == (newer.directions, newer.provenance)


def test_a_model_whose_folder_is_just_being_moved_is_waited_for(
    folder: Path, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    previous = previous_name(folder)
    folder.rename(previous)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        previous.rename(folder)

    monkeypatch.setattr(nmt.files.time, "sleep", pause)
    assert load_artifact(folder).provenance == artifact.provenance
    assert len(pauses) == 1


def test_a_damaged_model_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config.json").write_text("{}")
    readings: list[Path] = []
    monkeypatch.setattr(
        nmt.artifact, "_load", lambda folder, load=nmt.artifact._load: readings.append(folder) or load(folder)
    )
    assert "cut short or altered" in refusal(folder)
    assert readings == [folder]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "there is no model folder" in refusal(tmp_path / "no-such")
    (tmp_path / ".lost.previous").mkdir()
    assert ".lost.previous: rename it" in refusal(tmp_path / "lost")


@pytest.mark.parametrize("name", [*NEEDED, "SHA256SUMS"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"lacks {name}; copy or save it again" in refusal(folder)


def test_an_empty_folder_lacks_everything(tmp_path: Path) -> None:
    assert "lacks config.json, model.safetensors, tokenizer.model, SHA256SUMS" in refusal(tmp_path)


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("damage", [lambda old: old[:-1], lambda old: b"", lambda old: old[:-1] + b"?"])
def test_a_truncated_or_altered_file_is_named(folder: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    (folder / name).write_bytes(damage((folder / name).read_bytes()))
    assert f"{folder / name} is cut short or altered" in refusal(folder)


@pytest.mark.parametrize("sums", ["", "no sums\n", "\0\xff"])
def test_sums_that_say_nothing_are_named(folder: Path, sums: str) -> None:
    (folder / "SHA256SUMS").write_bytes(sums.encode("latin-1"))
    assert "SHA256SUMS has no line for config.json, model.safetensors, tokenizer.model" in refusal(folder)


def test_the_advised_command_makes_a_changed_folder_good(folder: Path) -> None:
    mapping = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**mapping, "provenance": {"licence": "CC BY 2.0"}}))
    assert f"sha256sum {' '.join(NEEDED)} > SHA256SUMS" in refusal(folder)
    sum_again(folder)
    assert load_artifact(folder).provenance == {"licence": "CC BY 2.0"}


@pytest.mark.parametrize("text", ["", "{", "\xff", '{"a": }'])
def test_what_is_not_json_is_named(folder: Path, text: str) -> None:
    (folder / "config.json").write_bytes(text.encode("latin-1"))
    sum_again(folder)
    assert "config.json is not JSON" in refusal(folder)


@pytest.mark.parametrize(
    ("version", "advice"),
    [(2, "newer release: upgrade"), (0, "save the model again"), (None, "save the model again"), ("1", "save the")],
)
def test_another_format_version_says_what_to_do(folder: Path, version: object, advice: str) -> None:
    change_config(folder, lambda mapping: mapping.update(format_version=version))
    message = refusal(folder)
    assert f"the format version is {version!r}, this release reads 1" in message
    assert advice in message


@pytest.mark.parametrize(
    ("mapping", "said"),
    [("[]", "no table"), ("3", "no table"), ("null", "no table"), ("{}", "the format version is None")],
)
def test_json_that_is_no_config_is_refused(folder: Path, mapping: str, said: str) -> None:
    (folder / "config.json").write_text(mapping)
    sum_again(folder)
    assert said in refusal(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m["model"].update(cell="transformer"), "model.cell: got 'transformer'"),
        (lambda m: m["model"].update(widht=3), "model.widht: got 3"),
        (lambda m: m.update(extra=3), "extra: got 3"),
        (lambda m: m.pop("model"), "model: got None"),
        (lambda m: m.update(dtype="int8"), "dtype: got 'int8'"),
        (lambda m: m.update(provenance="tatoeba"), "provenance must be a table"),
        (lambda m: m.update(directions="en-de"), "directions: got 'en-de'"),
        (lambda m: m.update(directions=[]), "directions must be one or more"),
        (
            lambda m: m.update(directions=[{"source": "English", "target": "de"}]),
            r"directions[0].source: got 'English'",
        ),
        (lambda m: m.update(directions=[{"source": "en", "target": "de"}] * 2), "each once"),
        (
            lambda m: m.update(directions=[{"source": "de", "target": "de"}]),
            "directions[0].target: got 'de', expected two",
        ),
    ],
)
def test_a_wrong_config_names_the_key(folder: Path, change: Callable[[dict[str, Any]], object], message: str) -> None:
    change_config(folder, change)
    found = refusal(folder)
    assert message in found
    assert str(folder) in found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("output_bias"), "output_bias is absent, expected float32 [400]"),
        (lambda t: t.update(extra=torch.zeros(2)), "extra is float32 [2], expected absent"),
        (lambda t: t.update(output_bias=torch.zeros(401)), "output_bias is float32 [401], expected float32 [400]"),
        (lambda t: t.update(output_bias=torch.zeros(400).half()), "output_bias is float16 [400], expected float32"),
        (lambda t: t.clear(), "is absent, expected"),
    ],
)
def test_wrong_tensors_are_named(
    folder: Path, change: Callable[[dict[str, torch.Tensor]], object], message: str
) -> None:
    change_weights(folder, change)
    found = refusal(folder)
    assert message in found
    assert "model.safetensors does not hold the model of config.json" in found


@pytest.mark.parametrize("damage", [b"", b"text", b"\xff" * 64])
def test_what_is_not_safetensors_is_named(folder: Path, damage: bytes) -> None:
    (folder / "model.safetensors").write_bytes(damage)
    sum_again(folder)
    assert "model.safetensors is not a safetensors file" in refusal(folder)


def test_what_is_not_a_tokenizer_is_named(folder: Path) -> None:
    (folder / "tokenizer.model").write_bytes(b"text")
    sum_again(folder)
    assert f"{folder / 'tokenizer.model'}: this is not a SentencePiece model" in refusal(folder)


def test_a_tokenizer_of_another_size_does_not_belong(folder: Path, sentences: list[str]) -> None:
    (folder / "tokenizer.model").write_bytes(train_sentencepiece(sentences, vocabulary_size=350).serialized)
    sum_again(folder)
    message = refusal(folder)
    assert "the tokenizer has 350 pieces, but the model's vocabulary_size is 400" in message
    assert str(folder) in message


def test_several_target_languages_need_tags(artifact: Artifact) -> None:
    with pytest.raises(ArtifactError, match="the tokenizer has no <2fr>"):
        Artifact(artifact.model, (Direction("en", "de"), Direction("en", "fr")), artifact.tokenizer)


def test_the_words_that_it_knows_come_back(artifact: Artifact, tmp_path: Path) -> None:
    known = KnownWords.of({("en", "dog"): 2, ("de", "hund"): 1})
    save_artifact(tmp_path / "model", replace(artifact, known_words=known))
    found = load_artifact(tmp_path / "model").known_words
    assert found is not None and found.serialized == known.serialized
    assert [line.split("  ")[1] for line in (tmp_path / "model" / "SHA256SUMS").read_text().splitlines()] == [
        "config.json", "model.safetensors", "tokenizer.model", "words.bin",
    ]  # fmt: skip
    save_artifact(tmp_path / "model", artifact)
    assert load_artifact(tmp_path / "model").known_words is None


def test_damaged_or_missing_words_are_named(artifact: Artifact, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    save_artifact(folder, replace(artifact, known_words=KnownWords.of({("en", "dog"): 1})))
    (folder / "words.bin").write_bytes(b"1234")
    assert "words.bin is cut short or altered" in refusal(folder)
    (folder / "words.bin").unlink()
    assert "words.bin" in refusal(folder)
    (folder / "words.bin").write_bytes(b"abc")
    sum_again(folder, "words.bin")
    assert "words.bin: this is not the format of this release" in refusal(folder)
