"""Laws of a whole run: it learns, and interrupted and resumed it is never-interrupted, bit for bit."""

import errno
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import training.distributed
from nmt.artifact import load_artifact
from nmt.errors import CheckpointError, ConfigError, DataError, NmtError, NonFiniteLossError, TrainingError
from nmt.files import previous_name
from nmt.tokenizer import SentencePieceTokenizer
from nmt.translator import Translator
from tests.training.runs import assert_same, config, train, write_corpus
from training import checkpoint as checkpoints
from training.checkpoint import read_checkpoint
from training.config import TrainingConfig
from training.lock import locked
from training.loop import Loop, StepReport
from training.objective import TranslationObjective
from training.observers.signals import Signals, stop_signals
from training.validator import Score, Validator


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_corpus(tmp_path)
    return tmp_path


def losses(folder: Path) -> dict[int, float]:
    lines = list(map(json.loads, (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()))
    found = [(line["step"], line["loss"]) for line in lines if line["event"] == "train"]
    assert len(dict(found)) == len(found), "a step is logged once"
    return dict(found)


def interrupt_after(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Send SIGTERM in the middle of the given step."""
    run_step = Loop.step

    def interrupted(loop: Loop, batch: object):
        if loop.progress.step + 1 == step:
            signal.raise_signal(signal.SIGTERM)
        return run_step(loop, batch)

    monkeypatch.setattr(Loop, "step", interrupted)


@pytest.mark.parametrize("step", [1, 4, 7, 11])
def test_interrupted_and_resumed_is_never_interrupted(folder: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    train(config(folder, "whole"))
    with monkeypatch.context() as patch:
        interrupt_after(patch, step)
        shown = train(config(folder, "parts"))
    assert f"stopped after step {step}: SIGTERM received" in shown and "run the same command again" in shown
    shown = train(config(folder, "parts"))
    assert f"going on after step {step}" in shown
    assert_same(folder / "whole", folder / "parts")
    assert losses(folder / "whole") == losses(folder / "parts")


@pytest.mark.parametrize(
    "options",
    [
        {"bpe_dropout": 0.1, "guided_alignment": 0.1, "sampled_softmax": 20},
        {"r_drop": 1.0, "accumulate": 2, "precision": "bfloat16"},
        {"optimizer": "muon", "precision": "bfloat16"},
    ],
    ids=str,
)
def test_whatever_makes_noise_goes_on_as_it_would_have(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    train(config(folder, "whole", **options))
    with monkeypatch.context() as patch:
        interrupt_after(patch, 3)
        train(config(folder, "parts", **options))
    train(config(folder, "parts", **options))
    assert_same(folder / "whole", folder / "parts")


def test_another_optimizer_may_go_on(folder: Path) -> None:
    train(config(folder, max_steps=4))
    shown = train(config(folder, max_steps=8, optimizer="muon"))
    assert "training.optimizer is now 'muon', it was 'adam'" in shown and "stopped after step 8" in shown
    kept = read_checkpoint(folder / "run" / "last.safetensors").part("optimizer")
    assert "decoder.deep_readout.weight.momentum" in kept and "decoder.deep_readout.weight.exp_avg" not in kept
    assert kept["embeddings.source.step"] == 8
    shown = train(config(folder, max_steps=12))
    assert "stopped after step 12" in shown


def test_a_killed_run_goes_on_from_its_last_checkpoint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(config(folder, "whole"))
    run_step = Loop.step

    def killed(loop: Loop, batch: object):
        if loop.progress.step == 7:
            raise KeyboardInterrupt
        return run_step(loop, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "step", killed)
        with pytest.raises(KeyboardInterrupt):
            train(config(folder, "parts"))
    assert "going on after step 5" in train(config(folder, "parts"))
    assert_same(folder / "whole", folder / "parts")
    assert losses(folder / "whole") == losses(folder / "parts")


def test_a_run_killed_in_validation_makes_up_for_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(config(folder, "whole"))

    def killed(self: Validator):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Validator, "score", killed)
        with pytest.raises(KeyboardInterrupt):
            train(config(folder, "parts"))
    assert "going on after step 4" in train(config(folder, "parts"))
    assert_same(folder / "whole", folder / "parts")


def test_it_trains_in_bfloat16(folder: Path) -> None:
    assert "bfloat16 on cpu" in train(config(folder, max_steps=2, precision="bfloat16"))


def test_the_copy_task_is_learnt(folder: Path) -> None:
    write_corpus(folder, pairs=1500)
    settings = config(folder, max_steps=300, batch_tokens=600, validate_every=150, save_every=300)
    train(settings)
    best = Translator.load(folder / "run" / "best")
    wanted = (folder / "held.xx").read_text(encoding="utf-8").splitlines()
    found = [translation.text for translation in best.translate_batch(wanted, target="yy")]
    assert sum(a == b for a, b in zip(found, wanted, strict=True)) >= 0.9 * len(wanted)


def test_epochs_have_every_pair_once_also_those_that_a_run_stopped_in(folder: Path) -> None:
    def learnt(epochs: float) -> int:
        shown = train(config(folder, max_steps=0, max_epochs=epochs))
        assert "the planned length is reached" in shown
        tokens: int = read_checkpoint(folder / "run" / "last.safetensors").state["progress"]["target_tokens"]
        return tokens

    once = learnt(1)
    tokenizer = SentencePieceTokenizer.load(folder / "run" / "tokenizer.model")
    lines = (folder / "train.yy").read_text(encoding="utf-8").splitlines()
    assert once == sum(len(line) + 1 for line in tokenizer.encode_lines(lines))
    assert 2 * once < learnt(2.5) < 3 * once == learnt(3)


def test_the_rates_of_an_epoch_are_those_of_its_steps(folder: Path) -> None:
    def rates(name: str, **length: float) -> list[float]:
        train(config(folder, name, schedule="linear", warmup_steps=0, log_every=1, **length))
        lines = map(json.loads, (folder / name / "log.jsonl").read_text(encoding="utf-8").splitlines())
        return [line["learning_rate"] for line in lines if line["event"] == "train"]

    found = rates("epoch", max_steps=0, max_epochs=1)
    assert found[0] == 0.01 and found[-1] > 0
    assert found == pytest.approx(rates("steps", max_steps=len(found)))
    assert rates("one", max_steps=0, max_epochs=1, accumulate=len(found)) == [0.01]


def test_a_corpus_without_examples_is_named(folder: Path) -> None:
    for language in ("xx", "yy"):
        (folder / f"none.{language}").write_text("", encoding="utf-8")
    plain = config(folder, max_steps=1).to_mapping()
    plain["data"]["train"].append({"xx": "none.xx", "yy": "none.yy", "weight": 2})
    shown = train(TrainingConfig.from_mapping(plain))
    assert "data.train[1]: no pair is left in the direction xx-yy" in shown


def test_a_corpus_of_blank_lines_is_named(folder: Path) -> None:
    for language in ("xx", "yy"):
        (folder / f"train.{language}").write_text(" \n" * 9, encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.train has no text to learn a vocabulary from"):
        train(config(folder))


def test_training_stops_when_it_no_longer_gains(folder: Path) -> None:
    shown = train(config(folder, max_steps=100, learning_rate=0.0, validate_every=2, patience=3))
    assert "stopped after step 8: 3 validations without a better one than BLEU" in shown
    assert "run the same command again" not in shown
    shown = train(config(folder, max_steps=100, learning_rate=0.0, validate_every=2, patience=3))
    assert "stopped after step 8: 3 validations without a better one than BLEU" in shown


def test_a_non_finite_loss_stops_before_the_update(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forward, calls = TranslationObjective.forward, iter(range(100))

    def broken(self: TranslationObjective, batch: object):
        loss = forward(self, batch)
        return loss._replace(total=loss.total * torch.nan) if self.training and next(calls) == 6 else loss

    monkeypatch.setattr(TranslationObjective, "forward", broken)
    with pytest.raises(NonFiniteLossError, match=r"step 7: the loss is nan.*data.train\[0\]"):
        train(config(folder))
    last = read_checkpoint(folder / "run" / "last.safetensors")
    assert last.state["progress"]["step"] == 5
    assert all(tensor.isfinite().all() for tensor in last.part("model").values())


def test_a_full_disk_leaves_the_last_good_checkpoint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(config(folder, max_steps=5))
    path = folder / "run" / "last.safetensors"
    before = path.read_bytes()

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "replace_file", full)
        with pytest.raises(CheckpointError, match=r"No space left on device.*the one before it is whole"):
            train(config(folder, max_steps=10))
    assert path.read_bytes() == before


def test_two_runs_do_not_share_a_folder(folder: Path) -> None:
    settings = config(folder, max_steps=1)
    (folder / "run").mkdir()
    with locked(folder / "run"), pytest.raises(TrainingError, match="another process is at work in"):
        train(settings)
    train(settings)


def test_a_damaged_checkpoint_is_named(folder: Path) -> None:
    train(config(folder, max_steps=5))
    path = folder / "run" / "last.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match=r"last\.safetensors is damaged"):
        train(config(folder))


def test_another_model_is_not_resumed_in_silence(folder: Path) -> None:
    train(config(folder, max_steps=5))
    settings = config(folder).to_mapping()
    settings["model"]["cell"] = "lstm"
    with pytest.raises(CheckpointError, match=r"model\.cell = 'gru', now it is 'lstm'"):
        train(type(config(folder)).from_mapping(settings))


@pytest.mark.parametrize(("key", "value"), [("batch_tokens", 200), ("seed", 7)])
def test_another_order_of_the_data_is_not_resumed_in_silence(folder: Path, key: str, value: int) -> None:
    train(config(folder, max_steps=5))
    with pytest.raises(CheckpointError, match=rf"training\.{key} = .*, now it is {value}"):
        train(config(folder, **{key: value}))


def test_another_text_is_not_resumed_in_silence(folder: Path) -> None:
    train(config(folder, max_steps=5))
    path = folder / "train.xx"
    path.write_text(path.read_text(encoding="utf-8").replace("ab", "op", 1), encoding="utf-8")
    with pytest.raises(CheckpointError, match="the corpora are not those"):
        train(config(folder))


def rewrite(folder: Path, change: Callable[[dict[str, Any], dict[str, torch.Tensor]], object]) -> None:
    """Change the state and the tensors of the checkpoint."""
    path = folder / "run" / "last.safetensors"
    checkpoint = read_checkpoint(path)
    change(checkpoint.state, checkpoint.tensors)
    checkpoints.write_checkpoint(path, checkpoint)


def test_an_option_that_came_later_counts_as_having_had_its_default(folder: Path) -> None:
    train(config(folder, max_steps=5))
    later = [("model", "attention"), ("data", "direction_weights")]
    rewrite(folder, lambda state, _: [state["config"][table].pop(key) for table, key in later])
    rewrite(folder, lambda state, _: state["environment"].pop("processes"))
    shown = train(config(folder, max_steps=6))
    assert "going on after step 5" in shown and "model." not in shown and "bit for bit" not in shown
    rewrite(folder, lambda state, _: state["config"]["model"].pop("readout_dropout"))
    with pytest.raises(CheckpointError, match=r"model\.readout_dropout = 0\.0, now it is 0\.1"):
        train(config(folder))


def test_an_option_of_another_release_is_named(folder: Path) -> None:
    train(config(folder, max_steps=5))
    rewrite(folder, lambda state, _: state["config"]["training"].update(momentum=0.5))
    shown = train(config(folder, max_steps=6))
    assert "made with training.momentum = 0.5, an option that this release does not know" in shown
    rewrite(folder, lambda state, _: state["config"]["model"].update(copies=True))
    with pytest.raises(
        CheckpointError, match=r"model\.copies = True, an option that this release does not know: finish"
    ):
        train(config(folder))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda state, tensors: tensors.pop("model.decoder.bridges.0.weight"),
            "model has no decoder.bridges.0.weight: the code",
        ),
        (lambda state, tensors: tensors.update({"model.new": torch.ones(1)}), "has new, which the model has not"),
        (
            lambda state, tensors: tensors.update({"average.decoder.bridges.0.weight": torch.ones(2)}),
            r"of shape \[2\], the model \[",
        ),
        (lambda state, tensors: state.pop("meter"), "checkpoint has no 'meter'"),
    ],
    ids=["missing", "unknown", "shape", "state"],
)
def test_a_checkpoint_of_other_code_says_what_it_needs(folder: Path, change, message: str) -> None:
    train(config(folder, max_steps=5))
    rewrite(folder, change)
    with pytest.raises(CheckpointError, match=message):
        train(config(folder))


def test_accumulated_batches_are_one_step(folder: Path) -> None:
    train(config(folder, "two", max_steps=4, accumulate=2))
    train(config(folder, "one", max_steps=8))
    two, one = (read_checkpoint(folder / name / "last.safetensors").state for name in ("two", "one"))
    assert two["progress"]["step"] == 4 and two["progress"]["target_tokens"] == one["progress"]["target_tokens"]
    assert two["sampler"] == one["sampler"]


KILLED = """
import os, signal, sys
from nmt import files
from tests.training.runs import config, train

def torn(path, content, saved=iter(range(9))):
    if path.name == ".last.safetensors.partial" and next(saved) == 2:
        path.write_bytes(content[: len(content) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, content)

write, files._write = files._write, torn
train(config(sys.argv[1], "parts", save_every=2))
"""


def test_a_process_killed_while_it_saves_loses_what_came_after_the_checkpoint_before(folder: Path) -> None:
    train(config(folder, "whole"))
    command = [sys.executable, "-c", KILLED, str(folder)]
    ended = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert "going on after step 4" in train(config(folder, "parts"))
    assert_same(folder / "whole", folder / "parts")
    assert losses(folder / "whole") == losses(folder / "parts")


def test_a_changed_option_is_said_aloud(folder: Path) -> None:
    train(config(folder, max_steps=5))
    assert "changed since the checkpoint: training.learning_rate is now 0.02" in train(
        config(folder, max_steps=6, learning_rate=0.02)
    )


def test_a_finished_run_is_not_trained_on(folder: Path) -> None:
    train(config(folder))
    assert "stopped after step 12: the planned length is reached" in train(config(folder))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train.yy", b"one line\n", r"train\.xx has 200, .*train\.yy has 1 lines"),
        ("train.xx", b"good\n\xff\n", r"train\.xx, line 2: not UTF-8"),
        ("held.xx", None, r"can't read .*held\.xx"),
        ("both", b"", r"data\.train has no lines: .*train\.xx, .*train\.yy"),
    ],
    ids=["unequal", "encoding", "missing", "empty"],
)
def test_faulty_files_are_named(folder: Path, name: str, content: bytes | None, message: str) -> None:
    for file in ("train.xx", "train.yy") if name == "both" else (name,):
        (folder / file).unlink() if content is None else (folder / file).write_bytes(content)
    with pytest.raises(DataError, match=message):
        train(config(folder))


@pytest.mark.parametrize(
    ("size", "allowed"), [(4000, r"at most \d{3}: the training text"), (262, r"at least 2\d\d: a")]
)
def test_a_vocabulary_that_the_text_cannot_fill(folder: Path, size: int, allowed: str) -> None:
    settings = config(folder).to_mapping()
    settings["model"]["vocabulary_size"] = size
    with pytest.raises(ConfigError, match=rf"model\.vocabulary_size: got {size}, expected {allowed}"):
        train(TrainingConfig.from_mapping(settings))


def test_the_score_at_the_end_belongs_to_the_checkpoint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values, scores = iter([10.0, 20.0, 30.0, 25.0]), Validator.score

    def scored(validator: Validator) -> Score:
        return replace(scores(validator), bleu=next(values))

    monkeypatch.setattr(Validator, "score", scored)
    assert "best BLEU 30.00" in train(config(folder, max_steps=10))
    events = [json.loads(line)["event"] for line in (folder / "run/log.jsonl").read_text().splitlines()]
    assert events[-2:] == ["validation", "stop"]
    assert "best BLEU 30.00" in train(config(folder, max_steps=10)), "it is not scored again"
    assert "best BLEU 30.00" in train(config(folder, max_steps=12))
    assert json.loads((folder / "run/best/config.json").read_text())["provenance"]["training"]["progress"]["step"] == 10


@pytest.mark.parametrize(("metric", "measure"), [("chrf", "chrF"), ("nll", "nll")])
def test_the_best_model_goes_by_what_is_asked_for(folder: Path, metric: str, measure: str) -> None:
    plain = config(folder, max_steps=12, validate_every=3).to_mapping()
    plain["validation"] |= {"metric": metric}
    shown = train(TrainingConfig.from_mapping(plain))
    lines = [json.loads(line) for line in (folder / "run/log.jsonl").read_text().splitlines()]
    scores = [line[metric] for line in lines if line["event"] == "validation"]
    best = min(scores) if metric == "nll" else max(scores)
    assert f"best {measure} {best:.2f}" in shown
    kept = json.loads((folder / "run/best/config.json").read_text())["provenance"]["validation"][metric]
    assert kept == best


def test_scores_of_other_held_out_text_are_not_compared(folder: Path) -> None:
    train(config(folder, max_steps=4))
    assert read_checkpoint(folder / "run/last.safetensors").state["validation"]["best_bleu"] >= 0
    assert "validation is another than before" not in train(config(folder, max_steps=8))
    for language in ("xx", "yy"):
        (folder / f"held.{language}").write_text("ab cd ef\ngh ij\n")
    assert "validation is another than before: the best BLEU is found anew" in train(config(folder, max_steps=12))


def test_an_older_checkpoint_says_nothing_of_another_metric(folder: Path) -> None:
    train(config(folder, max_steps=4))
    path = folder / "run/last.safetensors"
    found = read_checkpoint(path)
    del found.state["validation"]["measured"]
    checkpoints.write_checkpoint(path, found)
    assert "is found anew" not in train(config(folder, max_steps=4))
    checkpoints.write_checkpoint(path, found)
    plain = config(folder, max_steps=4).to_mapping()
    plain["validation"] |= {"metric": "nll"}
    shown = train(TrainingConfig.from_mapping(plain))
    assert "the best nll is found anew" in shown and "best nll" in shown


def test_a_new_run_may_take_the_tokenizer_in_its_folder(folder: Path) -> None:
    train(config(folder, max_steps=1))
    (folder / "run/last.safetensors").unlink()
    shutil.rmtree(folder / "run/best")
    before = (folder / "run/tokenizer.model").read_bytes()
    plain = config(folder, max_steps=1).to_mapping()
    plain["data"]["tokenizer"] = "run/tokenizer.model"
    train(TrainingConfig.from_mapping(plain))
    assert (folder / "run/tokenizer.model").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("model.safetensors", r"output\.folder: .* expected a folder without model\.safetensors, or that of a run"),
        ("manifest.json", r"expected a folder without manifest\.json"),
        ("log.jsonl", r"expected a folder without config\.json, log\.jsonl"),
        ("best/model.safetensors", r"expected a folder without best"),
        ("best/notes.txt", r"best holds something else than a model \(notes\.txt\)"),
    ],
)
def test_what_is_not_of_a_run_is_left_alone(folder: Path, name: str, message: str) -> None:
    for file in (name, "config.json"):
        (folder / "run" / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / "run" / file).write_text("mine")
    with pytest.raises(NmtError, match=message):
        train(config(folder))
    assert (folder / "run/config.json").read_text() == "mine"
    assert not (folder / "run/tokenizer.model").exists()


def test_a_run_says_when_nothing_ends_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_after(monkeypatch, 1)
    shown = train(config(folder, max_steps=0, log_every=1))
    assert "or patience: it ends when stopped" in shown and " % " not in shown


def test_a_run_says_when_its_threads_are_more_than_the_processors(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.distributed, "available_processors", lambda: 1)
    assert "processors" not in train(config(folder, max_steps=1))
    before = torch.get_num_threads()
    try:
        assert "2 threads take turns on 1 processor" in train(config(folder, "other", max_steps=1, threads=2))
    finally:
        torch.set_num_threads(before)


def test_a_refused_run_leaves_the_configuration_of_the_one_before(folder: Path) -> None:
    train(config(folder, max_steps=1))
    before = (folder / "run/config.json").read_bytes()
    log = (folder / "run/log.jsonl").read_bytes()
    (folder / "train.xx").write_text((folder / "train.xx").read_text().replace("ab", "cd"))
    with pytest.raises(CheckpointError, match="corpora are not those"):
        train(config(folder, max_steps=2, learning_rate=0.5))
    assert (folder / "run/config.json").read_bytes() == before
    assert (folder / "run/log.jsonl").read_bytes() == log


def test_what_changed_is_logged_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(config(folder, max_steps=1))

    def killed(loop: Loop) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "run", killed)
        with pytest.raises(KeyboardInterrupt):
            train(config(folder, max_steps=2, learning_rate=0.1))
    train(config(folder, max_steps=2, learning_rate=0.2))
    lines = map(json.loads, (folder / "run/log.jsonl").read_text().splitlines())
    (changed,) = [line["changed"] for line in lines if line["event"] == "resumed"]
    assert any("learning_rate is now 0.2" in text for text in changed)


def test_a_closed_terminal_stops_a_run_as_sigterm_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_step = Loop.step

    def hung_up(loop: Loop, batch: Any) -> StepReport:
        if loop.progress.step == 2:
            signal.raise_signal(signal.SIGHUP)
        return run_step(loop, batch)

    monkeypatch.setattr(Loop, "step", hung_up)
    previous = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        assert "stopped after step 3: SIGHUP received" in train(config(folder))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        assert signal.SIGHUP not in stop_signals()
    finally:
        signal.signal(signal.SIGHUP, previous)
    assert read_checkpoint(folder / "run/last.safetensors").state["progress"]["step"] == 3


def test_a_second_signal_of_any_kind_is_not_held_back() -> None:
    before = {number: signal.getsignal(number) for number in stop_signals()}
    with Signals() as signals:
        assert all(signal.getsignal(number) != handler for number, handler in before.items())
        signal.raise_signal(signal.SIGTERM)
        assert signals.pending == signal.SIGTERM
        assert {number: signal.getsignal(number) for number in before} == before


def test_several_cells_and_attentions_train(folder: Path) -> None:
    for model in ({"cell": "lstm", "attention": "additive"}, {"cell": "gru_reset_before", "attention": "none"}):
        settings = config(folder, output=model["cell"], max_steps=2).to_mapping()
        settings["model"] |= model
        train(type(config(folder)).from_mapping(settings))
        assert (folder / model["cell"] / "best" / "model.safetensors").exists()


def test_weights_of_directions_leave_what_is_measured_as_it_is(folder: Path) -> None:
    found = []
    for weights in ({}, {"xx-yy": 5.0}):
        settings = config(folder, f"run{len(weights)}", max_steps=1, learning_rate=1e-12).to_mapping()
        settings["data"] |= {"directions": ["xx-yy", "yy-xx"], "direction_weights": weights}
        train(TrainingConfig.from_mapping(settings))
        log = (folder / f"run{len(weights)}" / "log.jsonl").read_text(encoding="utf-8")
        found += [event["nll"] for event in map(json.loads, log.splitlines()) if event["event"] == "validation"]
    assert len(found) == 2 and found[0] == pytest.approx(found[1], rel=1e-4)


@pytest.mark.parametrize("more", [0, 4])
def test_a_best_model_that_is_gone_is_found_anew(folder: Path, more: int) -> None:
    train(config(folder, max_steps=8, validate_every=4))
    shutil.rmtree(folder / "run" / "best")
    shown = train(config(folder, max_steps=8 + more, validate_every=4))
    assert f"there is no {folder / 'run' / 'best'}: the best BLEU is found anew" in shown
    load_artifact(folder / "run" / "best")


def test_a_best_model_that_was_being_replaced_is_put_back(folder: Path) -> None:
    train(config(folder, max_steps=8, validate_every=4))
    best = folder / "run" / "best"
    best.rename(previous_name(best))
    assert "is found anew" not in train(config(folder, max_steps=8, validate_every=4))
    load_artifact(best)


def test_weights_that_have_diverged_are_told_by_the_validation(folder: Path) -> None:
    settings = config(folder, learning_rate=1e30, warmup_steps=0, max_steps=1, validate_every=1)
    with pytest.raises(NonFiniteLossError, match=r"no translation of data\.validation: training has diverged"):
        train(settings)
