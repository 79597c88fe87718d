"""What two processes do together for the tests, once for all of them: each part leaves what it found in a folder."""

import io
import itertools
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from rich.console import Console
from safetensors.torch import save_file
from torch import nn

from nmt.batch import Batch
from nmt.cells import CELLS
from nmt.config import AttentionKind, ModelConfig
from nmt.errors import NmtError
from nmt.identification.config import ClassifierConfig
from nmt.identification.model import Classifier
from nmt.model import Seq2Seq
from nmt.vocabulary import BOS, EOS, PAD
from tests.training.runs import config
from training.classification.objective import ClassificationObjective
from training.classification.sampler import LabelledBatch
from training.config import TrainingConfig
from training.corpus import TrainingBatch
from training.distributed import World, joined
from training.launcher import launch
from training.loop import Loop
from training.objective import DescribedBatch, TranslationObjective
from training.parallel import ParallelObjective
from training.precision import Precision
from training.run import Run
from training.snapshot import Snapshot
from training.validator import Validator

ROOT = Path(__file__).parents[2]
EXACT = Precision(torch.device("cpu"), torch.float32)
ATTENTIONS: tuple[AttentionKind, ...] = ("bilinear", "additive", "dot", "none")
BATCHES = ([5, 3, 4, 1, 2], [1], [2, 6, 3], [4])
"""Lengths of the sentences of each batch: the second and the last leave a process without any."""
OPTIMIZERS = ("adam", "muon")
STEPS = {"one batch": BATCHES[:1], "less than one each": BATCHES[3:], "accumulated": BATCHES}


def two_processes(part: str, folder: Path) -> int:
    """Have two processes do `part` of this file in `folder`; gives their status."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests.training.together import main; main()"
    return launch([sys.executable, "-c", code, part, str(folder)], 2)


def main() -> None:
    torch.set_num_threads(1)
    part, folder = sys.argv[1:]
    try:
        with joined() as world:
            PARTS[part](world, Path(folder))
    except NmtError as error:
        sys.exit(f"nmt: error: {error}")


def objectives() -> Iterator[tuple[str, nn.Module]]:
    """Every cell and every attention without dropout, the same in every process; and a classifier."""
    for cell in CELLS:
        for attention in ATTENTIONS if cell == "gru" else ATTENTIONS[:1]:
            shape = ModelConfig(
                vocabulary_size=20, cell=cell, attention=attention, embedding_width=8, encoder_width=4,
                decoder_width=8, readout_width=8, decoder_layers=2, query_sees_last_word=attention == "bilinear",
                tied_embeddings="all" if attention == "dot" else "none",
            )  # fmt: skip
            torch.manual_seed(1)
            yield f"{cell} {attention}", TranslationObjective(Seq2Seq(shape), label_smoothing=0.1)
    torch.manual_seed(1)
    yield "classifier", ClassificationObjective(Classifier(ClassifierConfig(vocabulary_size=20), labels=3))


def parts(name: str, lengths: list[int], world: World) -> DescribedBatch | None:
    """This process's part of a batch of sentences of these lengths."""
    generator = torch.Generator().manual_seed(len(lengths))
    rows = [[*torch.randint(4, 20, (length,), generator=generator).tolist(), EOS] for length in lengths]
    labels = [length % 3 for length in lengths]
    rows, labels = rows[world.rank :: world.size], labels[world.rank :: world.size]
    if not rows:
        return None
    if name == "classifier":
        return LabelledBatch(Batch.of(rows), torch.tensor(labels))
    out = Batch.of([list(reversed(row[:-1])) + [EOS] for row in rows]).tokens_BS
    fed = torch.cat([torch.full((len(rows), 1), BOS), out[:, :-1].masked_fill(out[:, :-1] == EOS, PAD)], dim=1)
    return TrainingBatch(Batch.of(rows), fed, out, sum(map(len, rows)))


def gradients(world: World) -> dict[str, torch.Tensor]:
    """For each model and each of STEPS: the summed loss of all processes, and the gradients in this one."""
    found = {}
    for name, objective in objectives():
        shared = ParallelObjective(objective, world)
        for step, lengths in STEPS.items():
            tokens = sum(length if name == "classifier" else length + 1 for batch in lengths for length in batch)
            if name == "classifier":
                tokens = sum(map(len, lengths))
            objective.zero_grad()
            total, _ = shared.add_gradients([parts(name, batch, world) for batch in lengths], tokens, EXACT)
            found[f"{name}/{step}/loss"] = world.table([total.item()]).sum() / tokens
            for parameter, weight in objective.named_parameters():
                if weight.grad is not None:
                    found[f"{name}/{step}/{parameter}"] = weight.grad.clone()
    return found


def show_gradients(world: World, folder: Path) -> None:
    save_file(gradients(world), folder / f"gradients.{world.rank}")


def show_exchange(world: World, folder: Path) -> None:
    """The ways in which processes speak."""
    found: dict[str, Any] = {
        "texts": world.texts("ä" * 5 * world.rank),
        "table": world.table([world.rank, 0.1]).tolist(),
        "sums": [tensor.tolist() for tensor in world.sum([torch.full((2, 1), world.rank + 1), torch.tensor(1)])],
        "dealt": [world.deal(list(range(n)), lambda some: [[i * 0.1] for i in some]) for n in (0, 1, 5)],
    }
    try:
        world.check_same({"step": 5, "sum": world.rank})
    except NmtError as error:
        found["differ"] = str(error)
    torch.manual_seed(1)
    world.diverge(1)
    found["random"] = world.table(torch.rand(3).tolist()).tolist()
    (folder / f"exchange.{world.rank}").write_text(json.dumps(found), encoding="utf-8")


def run(settings: TrainingConfig, world: World) -> str:
    shown = io.StringIO()
    Run(settings, Console(file=shown, width=200, quiet=not world.is_main), world).train()
    return shown.getvalue()


@contextmanager
def disturbed(where: type, method: str, call: int, number: int) -> Iterator[None]:
    """This process sends itself a signal within the given call of a method, counted from 1."""
    undisturbed, calls = getattr(where, method), itertools.count(1)

    def disturbing(*arguments: Any) -> Any:
        if next(calls) == call:
            signal.raise_signal(number)
        return undisturbed(*arguments)

    with patch.object(where, method, disturbing):
        yield


def run_whole_and_parts(world: World, folder: Path) -> None:
    """A run, and one that is stopped by a signal to a process in a step, in a validation, and while it saves."""
    options: dict[str, object] = {
        "precision": "bfloat16", "accumulate": 2, "average_decay": 0.99, "log_every": 1, "optimizer": "muon",
    }  # fmt: skip
    shown = [run(config(folder, "whole", **options), world)]
    for rank, where, method, call in ((1, Loop, "step", 3), (1, Validator, "score", 1), (0, Snapshot, "capture", 1)):
        with disturbed(where, method, call, signal.SIGTERM) if world.rank == rank else nullcontext():
            shown.append(run(config(folder, "parts", **options), world))
    shown.append(run(config(folder, "parts", **options), world))
    run(config(folder, "stopped", max_steps=5), world)
    (folder / f"shown.{world.rank}").write_text(json.dumps(shown), encoding="utf-8")


def run_without_noise(world: World, folder: Path) -> None:
    for optimizer in OPTIMIZERS:
        run(without_noise(folder, f"two-{optimizer}", optimizer), world)


def without_noise(folder: Path, output: str, optimizer: str) -> TrainingConfig:
    options: dict[str, object] = {"max_steps": 4, "log_every": 1, "learning_rate": 0.001, "optimizer": optimizer}
    settings = config(folder, output, **options).to_mapping()
    settings["model"] |= {"embedding_dropout": 0.0, "weight_drop": 0.0, "readout_dropout": 0.0}
    return TrainingConfig.from_mapping(settings)


def run_into_nan(world: World, folder: Path) -> None:
    """The loss of the second process is not a number."""
    forward = TranslationObjective.forward

    def broken(self: TranslationObjective, batch: Any) -> Any:
        loss = forward(self, batch)
        return loss._replace(total=loss.total * torch.nan) if world.rank == 1 and self.training else loss

    with patch.object(TranslationObjective, "forward", broken):
        try:
            run(config(folder, "nan"), world)
        except NmtError as error:
            (folder / f"nan.{world.rank}").write_text(str(error), encoding="utf-8")


def laws(world: World, folder: Path) -> None:
    for part in (show_exchange, show_gradients, run_whole_and_parts, run_without_noise, run_into_nan):
        part(world, folder)


def killed(world: World, folder: Path) -> None:
    """The second process is killed in its third step."""
    with disturbed(Loop, "step", 3, signal.SIGKILL) if world.rank == 1 else nullcontext():
        run(config(folder, save_every=2), world)


def taken_up(world: World, folder: Path) -> None:
    """The run that was killed, and one that never was."""
    shown = [run(config(folder, output, save_every=2), world) for output in ("run", "whole")]
    (folder / f"shown.{world.rank}").write_text(json.dumps(shown), encoding="utf-8")


def unreadable(world: World, folder: Path) -> None:
    """The second process can't read a file that the first one can."""
    run(config(folder if world.is_main else folder / "absent", str(folder / "run")), world)


PARTS = {"laws": laws, "killed": killed, "taken up": taken_up, "unreadable": unreadable}
