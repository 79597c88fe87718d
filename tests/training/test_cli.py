"""`nmt train` and `nmt prepare` from a file, as a user types them."""

import signal
from pathlib import Path

import pytest

from nmt.cli import main
from tests.training.runs import write_corpus
from training.loop import Loop
from training.preparation.writing import PartWriter

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


def run(*arguments: str, command: str = "train") -> int:
    with pytest.raises(SystemExit) as ended:
        main([command, *arguments])
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


def test_one_command_trains_with_two_processes(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "training.py").write_text("raise AssertionError('a file of the user, who works in this folder')\n")
    assert run("my.toml", "--processes", "2", "training.max_steps=2") == 0
    shown = capfd.readouterr().err
    assert shown.count("2 processes") == 1 and "stopped after step 2" in shown
    assert (folder / "runs" / "my" / "best" / "model.safetensors").exists()


def test_processes_do_not_start_processes(folder: Path, monkeypatch, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("MASTER_ADDR", "MASTER_PORT", "RANK", "WORLD_SIZE"):
        monkeypatch.setenv(name, "1")
    assert run("my.toml", "--processes", "2") == 2
    assert "this is already one of several processes" in capfd.readouterr().err


def test_a_signal_is_told_by_the_exit_status(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_step = Loop.step

    def interrupted(loop: Loop, batch: object):
        signal.raise_signal(signal.SIGTERM)
        return run_step(loop, batch)

    monkeypatch.setattr(Loop, "step", interrupted)
    assert run("my.toml") == 128 + signal.SIGTERM


OPTIONS = ("my.toml", "data.prepared=ready", "cleaning.identical=false")


def test_what_is_prepared_is_trained_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*OPTIONS, "--processes", "1", command="prepare") == 0
    assert "pairs of lines" in capsys.readouterr().err
    assert run(*OPTIONS) == 0
    assert "pairs are in ready" in capsys.readouterr().err


def test_a_signal_ends_the_preparation_in_good_order(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(PartWriter, "finish", lambda writer: signal.raise_signal(signal.SIGTERM))
        assert run(*OPTIONS, "--processes", "1", command="prepare") == 128 + signal.SIGTERM
    assert run(*OPTIONS) == 2
    assert run(*OPTIONS, "--processes", "1", command="prepare") == 0
    assert "going on in ready" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["my.toml"], "data.prepared: got None, expected the folder to write"),
        (["my.toml", "data.prepared=my.toml"], "data.prepared: got 'my.toml', expected a folder that can be written"),
        (
            ["my.toml", "data.prepared=ready", "data.train=[{xx='no.gz', yy='train.yy'}]"],
            "can't read no.gz: No such file",
        ),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_a_mistake_in_preparing_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run(*arguments, command="prepare") == 2
    shown = capsys.readouterr().err.splitlines()[-1]
    assert shown.startswith("nmt: error: ") and message in shown
