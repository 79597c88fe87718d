"""Laws of a whole run: it learns, and interrupted and resumed it is never-interrupted, bit for bit."""

import json
import signal
from pathlib import Path

import pytest
import torch

from nmt.cli import main
from nmt.errors import CheckpointError, ConfigError
from nmt.identification.identifier import LanguageIdentifier
from tests.training.classification.examples import config, lines, train, write_corpus
from training.checkpoint import read_checkpoint
from training.classification.config import ClassificationConfig
from training.config import TrainingConfig
from training.loop import Loop
from training.tasks import load_run_config

FILE = """
task = "classification"

[data]
train = [{ file = "train.tsv" }, { file = "cc.txt", label = "cc" }]

[model]
vocabulary_size = 290

[training]
max_steps = 2
warmup_steps = 1
threads = 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_corpus(tmp_path)
    return tmp_path


def test_it_learns(folder: Path) -> None:
    shown = train(config(folder, max_steps=80, validate_every=40))
    assert "3 labels" in shown and "validation: accuracy" in shown and "best accuracy" in shown
    best = LanguageIdentifier.load(folder / "run" / "best")
    texts = [(label, line) for label in ("aa", "bb", "cc") for line in lines(label, 20, seed=2)]
    found = best.identify_batch([line for _, line in texts])
    assert sum(one[0].language == label for one, (label, _) in zip(found, texts, strict=True)) >= 57
    events = [json.loads(line) for line in (folder / "run" / "log.jsonl").read_text().splitlines()]
    assert {event["event"] for event in events} == {"train", "validation", "stop"}
    assert all(0 <= event["accuracy"] <= 100 for event in events if event["event"] == "validation")


@pytest.mark.parametrize("step", [1, 4, 7])
def test_interrupted_and_resumed_is_never_interrupted(folder: Path, monkeypatch, step: int) -> None:
    train(config(folder, "whole"))
    run_step = Loop.step

    def interrupted(loop: Loop, batch: object):
        if loop.progress.step + 1 == step:
            signal.raise_signal(signal.SIGTERM)
        return run_step(loop, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "step", interrupted)
        shown = train(config(folder, "parts"))
    assert f"stopped after step {step}: SIGTERM received" in shown
    assert f"going on after step {step}" in train(config(folder, "parts"))
    first, second = (read_checkpoint(folder / name / "last.safetensors") for name in ("whole", "parts"))
    assert first.tensors.keys() == second.tensors.keys()
    assert all(torch.equal(tensor, second.tensors[name]) for name, tensor in first.tensors.items())
    assert {**first.state, "config": None} == {**second.state, "config": None}


def test_other_data_is_not_resumed_in_silence(folder: Path) -> None:
    train(config(folder, max_steps=2, warmup_steps=1))
    with pytest.raises(CheckpointError, match=r"data\.words = 0\.3, now it is 0\.4"):
        train(config(folder, max_steps=2, warmup_steps=1, data={"words": 0.4}))
    (folder / "cc.txt").write_text("\n".join(lines("cc", 30, seed=3)) + "\n")
    with pytest.raises(CheckpointError, match="the corpora are not those"):
        train(config(folder, max_steps=2, warmup_steps=1))


def test_one_command_trains_and_another_detects(folder: Path, monkeypatch, capfd) -> None:
    monkeypatch.chdir(folder)
    (folder / "my.toml").write_text(FILE)
    for arguments in (["train", "my.toml"], ["detect", "--model", "runs/my/best", "train.tsv"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert not ended.value.code
    assert {line.split("\t")[0] for line in capfd.readouterr().out.splitlines()} <= {"aa", "bb", "cc"}


def test_the_file_says_what_is_trained(folder: Path) -> None:
    (folder / "my.toml").write_text(FILE)
    found = load_run_config(folder / "my.toml")
    assert isinstance(found, ClassificationConfig) and found.output.folder == "runs/my"
    assert ClassificationConfig.from_mapping(found.to_mapping()) == found
    pair = "data.train=[{xx = 'a', yy = 'b'}]"
    overrides = ["task=translation", pair, "data.directions=['xx-yy']", "data.validation={xx = 'a', yy = 'b'}"]
    assert isinstance(load_run_config(folder / "my.toml", overrides), TrainingConfig)
    with pytest.raises(ConfigError, match=r"task: got 'poetry', expected 'translation' or 'classification'"):
        load_run_config(folder / "my.toml", ["task=poetry"])


def test_the_vocabulary_must_fit(folder: Path) -> None:
    train(config(folder, max_steps=1, warmup_steps=1))
    settings = config(folder, "other", data={"tokenizer": "run/tokenizer.model"}).to_mapping()
    settings["model"]["vocabulary_size"] = 300
    with pytest.raises(ConfigError, match=r"model\.vocabulary_size: got 300, expected 290"):
        train(ClassificationConfig.from_mapping(settings))
