"""The whole state of a run as a checkpoint, and back."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch

from nmt.errors import CheckpointError
from nmt.options import Options
from training.checkpoint import Checkpoint, environment
from training.loop import Loop, Progress
from training.observers.meter import Meter
from training.observers.validation import Validation
from training.optimizer import optimizer_tensors, restore_optimizer
from training.precision import Precision
from training.task import Corpus, Place

FIXED = {"model": None, "data": None, "training": ("seed", "batch_tokens")}
"""Options that can't change while a run goes on: whole tables, or some of their keys."""


@dataclass(frozen=True)
class Snapshot:
    """The parts of a run that change: weights, their average, optimizer, generators, places, counts, patience."""

    loop: Loop
    corpus: Corpus
    sampler: Place
    validation: Validation
    meter: Meter

    def capture(self, config: Options) -> Checkpoint:
        loop = self.loop
        tensors = {f"model.{name}": tensor for name, tensor in loop.model.state_dict().items()}
        for name, tensor in optimizer_tensors(loop.model, loop.optimizer).items():
            tensors[f"optimizer.{name}"] = tensor
        if loop.average is not None:
            tensors |= {f"average.{name}": tensor for name, tensor in loop.average.tensors.items()}
        tensors["random.cpu"] = torch.get_rng_state()
        if loop.precision.device.type == "cuda":
            tensors["random.cuda"] = torch.cuda.get_rng_state(loop.precision.device)
        state = {
            "progress": asdict(loop.progress),
            "corpus": self.corpus.fingerprint(),
            "sampler": self.sampler.state(),
            "validation": self.validation.state(),
            "meter": self.meter.state(),
            "config": config.to_mapping(),
            "environment": environment(loop.precision),
        }
        return Checkpoint(tensors, state)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Put everything back as it was captured; raises CheckpointError where the corpus is another."""
        is_older = "epoch" in checkpoint.state["sampler"]  # its corpus was summed up otherwise: the sampler compares
        if checkpoint.state["corpus"] != self.corpus.fingerprint() and not is_older:
            raise CheckpointError(
                "the corpora are not those that the checkpoint was made with, as their content says: "
                "give it the files it began with, or start anew with another output.folder"
            )
        loop = self.loop
        loop.model.load_state_dict(checkpoint.part("model"))
        restore_optimizer(loop.model, loop.optimizer, checkpoint.part("optimizer"))
        if loop.average is not None:
            loop.average.restore(checkpoint.part("average") or checkpoint.part("model"))
        loop.progress = Progress(**checkpoint.state["progress"])
        self.sampler.restore(checkpoint.state["sampler"])
        self.validation.restore(checkpoint.state["validation"])
        self.meter.restore(checkpoint.state["meter"])
        random = checkpoint.part("random")
        torch.set_rng_state(random["cpu"])
        if loop.precision.device.type == "cuda" and "cuda" in random:
            torch.cuda.set_rng_state(random["cuda"], loop.precision.device)


def check_resumable(checkpoint: Checkpoint, config: Options, precision: Precision) -> Iterator[str]:
    """What a person should know before a run goes on from `checkpoint`, a sentence each.

    Raises CheckpointError where an option that can't change has changed.
    """
    then, now = checkpoint.state["config"], config.to_mapping()
    for table, key in _differences(then, now):
        was, given = then.get(table, {}).get(key), now[table][key]
        if table in FIXED and key in (FIXED[table] or (key,)):
            raise CheckpointError(
                f"the checkpoint was made with {table}.{key} = {was!r}, now it is {given!r}: "
                "go on with the old value, or start anew with another output.folder"
            )
        yield f"changed since the checkpoint: {table}.{key} is now {given!r}, it was {was!r}"
    for name, value in environment(precision).items():
        was = checkpoint.state["environment"].get(name)
        if was != value:
            yield (
                f"the checkpoint was made with {name} {was}, this is {value}: "
                "the run goes on, but not bit for bit as it would have there"
            )


def _differences(then: dict[str, Any], now: dict[str, Any]) -> list[tuple[str, str]]:
    """(table, key) of each option whose value differs, but where files lie and go, and what `nmt prepare` compares."""
    tables = [table for table in now if isinstance(now[table], dict)]
    found = [(table, key) for table in tables for key in now[table] if then.get(table, {}).get(key) != now[table][key]]
    places = {("data", "folder"), ("data", "prepared")}
    return [(table, key) for table, key in found if table not in ("output", "cleaning") and (table, key) not in places]
