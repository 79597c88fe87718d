"""Laws of several processes, seen in two real ones: together they do what one would do alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training.runs import assert_same, config, train, write_corpus
from tests.training.test_cli import FILE
from tests.training.together import OPTIMIZERS, STEPS, gradients, objectives, two_processes, without_noise
from training.checkpoint import read_checkpoint
from training.distributed import ALONE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes left when they went through all that this file speaks of."""
    folder = tmp_path_factory.mktemp("together")
    write_corpus(folder)
    assert two_processes("laws", folder) == 0
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> list[dict[str, torch.Tensor]]:
    """The gradients in each of the two, and those in one process."""
    return [*(load_file(folder / f"gradients.{rank}") for rank in (0, 1)), gradients(ALONE)]


def events(folder: Path, kind: str) -> list[dict]:
    lines = map(json.loads, (folder / "log.jsonl").read_text(encoding="utf-8").splitlines())
    return [{k: v for k, v in line.items() if k != "tokens_per_s"} for line in lines if line["event"] == kind]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", [name for name, _ in objectives()])
def test_two_processes_find_the_loss_and_the_gradients_of_one(found, kind: str, step: str) -> None:
    first, second, alone = found
    names = [name for name in alone if name.startswith(f"{kind}/{step}/")]
    assert len(names) > 5
    for name in names:
        torch.testing.assert_close(first[name], alone[name], rtol=1e-4, atol=1e-6)
        assert torch.equal(first[name], second[name]), name


def test_they_speak_with_one_another(folder: Path) -> None:
    first, second = (json.loads((folder / f"exchange.{rank}").read_text(encoding="utf-8")) for rank in (0, 1))
    assert first == second
    assert first["texts"] == ["", "äääää"]
    assert first["table"] == [[0, 0.1], [1, 0.1]]
    assert first["sums"] == [[[3], [3]], 2]
    assert first["dealt"] == [[[i * 0.1] for i in range(n)] for n in (0, 1, 5)]
    assert "process 1 of 2 has sum 1, process 0 has 0" in first["differ"] and "step" not in first["differ"]
    torch.manual_seed(1)
    mine, other = torch.tensor(first["random"])
    assert torch.equal(mine, torch.rand(3)) and not torch.equal(mine, other)


def test_interrupted_and_resumed_is_never_interrupted(folder: Path) -> None:
    shown, silent = (json.loads((folder / f"shown.{rank}").read_text(encoding="utf-8")) for rank in (0, 1))
    assert "2 processes" in shown[0] and silent == [""] * 5
    for stopped, resumed, step in zip(shown[1:], shown[2:], (3, 5, 9), strict=False):
        assert f"stopped after step {step}: SIGTERM received" in stopped
        assert f"going on after step {step}" in resumed and "bit for bit" not in resumed
    kept = assert_same(folder / "whole", folder / "parts")
    assert {"random.cpu", "random.cpu.1"} <= kept.tensors.keys()
    assert events(folder / "whole", "train") == events(folder / "parts", "train")
    assert events(folder / "whole", "validation") == events(folder / "parts", "validation")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_step_counts_updates_and_the_tokens_of_all(folder: Path, optimizer: str) -> None:
    two, one = folder / f"two-{optimizer}", folder / f"one-{optimizer}"
    train(without_noise(folder, one.name, optimizer))
    ours, theirs = (read_checkpoint(run / "last.safetensors").state["progress"] for run in (two, one))
    assert ours == theirs
    for kind in ("train", "validation"):
        for ours, theirs in zip(events(two, kind), events(one, kind), strict=True):
            assert ours["target_tokens"] == theirs["target_tokens"]
            for name in {"loss", "nll", "gradient_norm", "learning_rate"} & theirs.keys():
                assert ours[name] == pytest.approx(theirs[name], rel=1e-4), name


def test_one_process_goes_on_from_two_and_says_so(folder: Path) -> None:
    shown = train(config(folder, "stopped", max_steps=6))
    assert "made with processes 2, this is 1: the run goes on, but not bit for bit" in shown
    assert "going on after step 5" in shown and "stopped after step 6" in shown


def test_a_loss_that_is_not_finite_stops_all_and_names_the_examples_of_the_guilty(folder: Path) -> None:
    first, second = ((folder / f"nan.{rank}").read_text(encoding="utf-8") for rank in (0, 1))
    assert first == second
    assert "step 1: the loss is nan" in first and first.count("lines") == 1


@pytest.mark.parametrize(
    ("part", "status", "message"),
    [
        ("killed", 137, "another process of this run has ended"),
        pytest.param("unreadable", 1, "can't read", marks=pytest.mark.slow),
    ],
)
def test_all_end_with_one_message(tmp_path: Path, capfd, part: str, status: int, message: str) -> None:
    write_corpus(tmp_path)
    assert two_processes(part, tmp_path) == status
    shown = capfd.readouterr().err
    assert shown.count("nmt: error:") == 1 and message in shown and "Traceback" not in shown


def test_when_one_is_killed_they_go_on_from_the_last_checkpoint(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    assert two_processes("killed", tmp_path) == 137
    assert two_processes("taken up", tmp_path) == 0
    shown, _ = json.loads((tmp_path / "shown.0").read_text(encoding="utf-8"))
    assert "going on after step 2" in shown
    assert_same(tmp_path / "whole", tmp_path / "run")


def test_torchrun_starts_them_too(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    (tmp_path / "my.toml").write_text(FILE, encoding="utf-8")
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--no-python"]
    train = [sys.executable, "-c", "from nmt.cli import main; main()", "train", "my.toml"]
    ended = subprocess.run([*torchrun, *train], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count("2 processes") == 1 and "stopped after step 4" in ended.stderr
