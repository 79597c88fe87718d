"""A run that starts from a model begins where that ended, and says what does not fit."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from nmt.artifact import load_artifact
from nmt.errors import ArtifactError, CheckpointError, ConfigError
from tests.training.runs import config, train, write_corpus
from training.checkpoint import read_checkpoint
from training.classification.config import ClassificationConfig
from training.config import CleaningConfig, TrainingConfig
from training.preparation.preparation import Preparation
from training.start import with_shape
from training.tasks import load_run_config


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    write_corpus(folder)
    train(config(folder, output="first", max_steps=30, average_decay=0.0))
    return folder


def test_it_begins_where_the_model_ended(folder: Path) -> None:
    best = str(folder / "first/best")
    train(config(folder, output="second", start_from=best, max_steps=1, learning_rate=0.0, average_decay=0.0))
    first, second = (load_artifact(folder / name / "best") for name in ("first", "second"))
    for name, weights in first.model.state_dict().items():
        assert weights.equal(second.model.state_dict()[name])
    assert second.tokenizer.serialized == first.tokenizer.serialized
    assert second.provenance["validation"]["nll"] == first.provenance["validation"]["nll"]
    assert second.provenance["started_from"] == first.provenance


def test_it_goes_on_as_any_run_does(folder: Path) -> None:
    best = str(folder / "first/best")
    train(config(folder, output="long", start_from=best, max_steps=6))
    train(config(folder, output="short", start_from=best, max_steps=3))
    train(config(folder, output="short", start_from=best, max_steps=6))
    long, short = (read_checkpoint(folder / name / "last.safetensors") for name in ("long", "short"))
    assert all(tensor.equal(short.tensors[name]) for name, tensor in long.tensors.items())
    with pytest.raises(CheckpointError, match=r"training\.start_from"):
        train(config(folder, output="short", max_steps=8))


def test_corpora_are_prepared_with_its_vocabulary(folder: Path) -> None:
    plain = config(folder, output="shards", start_from=str(folder / "first/best"), max_steps=1).to_mapping()
    plain["data"]["prepared"] = str(folder / "prepared")
    settings = TrainingConfig.from_mapping(plain)
    plain["training"]["start_from"] = None
    other = TrainingConfig.from_mapping(plain | {"training": plain["training"] | {"seed": 2}})
    for one in (other, settings):
        Preparation(replace(one, cleaning=CleaningConfig(identical=False)), Console(quiet=True), anew=True).run()
    train(replace(settings, cleaning=CleaningConfig(identical=False)))
    tokenizer = load_artifact(folder / "first/best").tokenizer
    assert load_artifact(folder / "shards/best").tokenizer.serialized == tokenizer.serialized


def test_its_words_are_known_too(folder: Path) -> None:
    for language in ("xx", "yy"):
        (folder / f"other.{language}").write_text("aa bb\nab aa bb\n" * 2)
    plain = config(folder, output="words", start_from=str(folder / "first/best"), max_steps=1).to_mapping()
    plain["data"]["train"] = [{"xx": "other.xx", "yy": "other.yy"}]
    train(TrainingConfig.from_mapping(plain))
    words = load_artifact(folder / "words/best").known_words
    assert words is not None and words.knows("xx", "aa bb ab op")


def test_what_the_file_does_not_say_of_the_shape_is_the_models(folder: Path) -> None:
    tables = {"training": {"start_from": str(folder / "first/best")}, "model": {"readout_dropout": 0.5}}
    shape = with_shape(tables)["model"]
    assert shape["decoder_width"] == 32 and shape["readout_dropout"] == 0.5
    assert with_shape({"training": {}}) == {"training": {}}


def test_a_wider_model_begins_where_the_narrower_one_ended(folder: Path) -> None:
    still = {"start_from": str(folder / "first/best"), "max_steps": 1, "learning_rate": 0.0, "average_decay": 0.0}
    plain = config(folder, output="wider", **still).to_mapping()
    plain["model"] |= {"decoder_width": 48, "encoder_width": 20}
    train(TrainingConfig.from_mapping(plain))
    first, wider = (load_artifact(folder / name / "best") for name in ("first", "wider"))
    assert wider.config.decoder_width == 48
    assert wider.provenance["validation"]["nll"] == pytest.approx(first.provenance["validation"]["nll"])


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [("decoder_width", 24, "at least 32"), ("embedding_width", 20, "16"), ("encoder_layers", 2, "1")],
)
def test_another_shape_is_refused(folder: Path, key: str, value: int, expected: str) -> None:
    plain = config(folder, output="third", start_from=str(folder / "first/best")).to_mapping()
    plain["model"] |= {key: value} | ({"readout_width": value} if key == "embedding_width" else {})
    message = rf"model\.{key}: got {value}, expected {expected}, as the model of training\.start_from"
    with pytest.raises(ConfigError, match=message):
        train(TrainingConfig.from_mapping(plain))


def test_mistakes_are_named(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text("[training]\nstart_from = 'nowhere'\n")
    with pytest.raises(ArtifactError, match="there is no model folder nowhere"):
        load_run_config(file)
    plain = config(folder, start_from=str(folder / "first/best")).to_mapping()
    plain["data"]["tokenizer"] = "my.model"
    with pytest.raises(ConfigError, match=r"data\.tokenizer: got 'my\.model', expected nothing"):
        TrainingConfig.from_mapping(plain)
    classifier = {"data": {"train": [{"file": "a.tsv"}]}, "training": {"start_from": "x"}, "output": {"folder": "run"}}
    with pytest.raises(ConfigError, match=r"training\.start_from: got 'x', expected nothing: it is for translation"):
        ClassificationConfig.from_mapping(classifier)
