"""`nmt train` from a file, as a user types it."""

import signal
from pathlib import Path

import pytest

from nmt.cli import main
from tests.training.runs import write_corpus
from training.loop import Loop

FILE = """
[data]
directions = ["xx-yy"]
train = [{ xx = "train.xx", yy = "train.yy" }]
validation = { xx = "held.xx", yy = "held.yy" }

[model]
vocabulary_size = 285
embedding_width = 8
encoder_width = 8
decoder_width = 8
readout_width = 8

[training]
max_steps = 4
batch_tokens = 300
threads = 1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_corpus(tmp_path)
    (tmp_path / "my.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["train", *arguments])
    return int(ended.value.code or 0)


def test_one_command_trains_a_model(folder: Path) -> None:
    assert run("my.toml", "training.max_steps=3", "output.tensorboard=true") == 0
    made = {path.name for path in (folder / "runs" / "my").iterdir()}
    assert made == {
        ".lock", "best", "config.json", "last.safetensors", "log.jsonl", "report.html", "tensorboard", "tokenizer.model"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.toml"], "can't read the configuration absent.toml"),
        (
            ["my.toml", "training.max_step=3"],
            "training.max_step: got 3, expected a known key (did you mean 'max_steps'?)",
        ),
        (
            ["my.toml", "model.cell=transformer"],
            "model.cell: got 'transformer', expected one of 'rnn_tanh', 'rnn_relu'",
        ),
        (["my.toml", "data.train=[{xx='no', yy='train.yy'}]"], "can't read no: No such file or directory"),
        (["my.toml", "output.folder=my.toml"], "output.folder: got 'my.toml', expected a folder that can be written"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run(*arguments) == 2
    shown = capsys.readouterr().err.splitlines()[-1]
    assert shown.startswith("nmt: error: ") and message in shown


def test_a_signal_is_told_by_the_exit_status(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_step = Loop.step

    def interrupted(loop: Loop, batch: object):
        signal.raise_signal(signal.SIGTERM)
        return run_step(loop, batch)

    monkeypatch.setattr(Loop, "step", interrupted)
    assert run("my.toml") == 128 + signal.SIGTERM
