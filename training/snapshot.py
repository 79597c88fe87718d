"""The whole state of a run as a checkpoint, and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from nmt.errors import CheckpointError
from nmt.options import Options
from training.checkpoint import Checkpoint, environment
from training.distributed import World
from training.loop import Loop, Progress
from training.observers.meter import Meter
from training.observers.validation import Validation
from training.optimizer import optimizer_tensors, restore_optimizers
from training.task import Corpus, Resumable

NAMED = 3
"""How many parameters an error names."""


@dataclass(frozen=True)
class Snapshot:
    """The parts of a run that change: weights, their average, optimizers, generators, places, counts, patience."""

    loop: Loop
    corpus: Corpus
    sampler: Resumable
    validation: Validation
    meter: Meter

    def capture(self, config: Options) -> Checkpoint:
        """All processes together; what each of them gets holds the random numbers of all."""
        loop = self.loop
        tensors = {f"model.{name}": tensor for name, tensor in loop.model.state_dict().items()}
        for name, tensor in optimizer_tensors(loop.model, loop.optimizers).items():
            tensors[f"optimizer.{name}"] = tensor
        if loop.average is not None:
            tensors |= {f"average.{name}": tensor for name, tensor in loop.average.tensors.items()}
        tensors |= {f"random.{name}": tensor for name, tensor in random_states(loop.world).items()}
        state = {
            "progress": asdict(loop.progress),
            "corpus": self.corpus.fingerprint(),
            "sampler": self.sampler.state(),
            "validation": self.validation.state(),
            "meter": self.meter.state(),
            "config": config.to_mapping(),
            "environment": environment(loop.precision, loop.world),
        }
        return Checkpoint(tensors, state)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Put everything back as it was captured.

        Raises CheckpointError where the corpus or the parameters are others, or something is missing.
        """
        try:
            self._restore(checkpoint)
        except KeyError as error:
            raise CheckpointError(
                f"the checkpoint has no {error}: another release made it; finish that run with the release that "
                "began it, or start anew with another output.folder"
            ) from None

    def _restore(self, checkpoint: Checkpoint) -> None:
        is_older = "epoch" in checkpoint.state["sampler"]  # its corpus was summed up otherwise: the sampler compares
        if checkpoint.state["corpus"] != self.corpus.fingerprint() and not is_older:
            raise CheckpointError(
                "the corpora are not those that the checkpoint was made with, as their content says: "
                "give it the files it began with, or start anew with another output.folder"
            )
        loop = self.loop
        shapes = {name: tuple(tensor.shape) for name, tensor in loop.model.state_dict().items()}
        for part in ("model", "average"):
            check_parameters(part, checkpoint.part(part), shapes)
        loop.model.load_state_dict(checkpoint.part("model"))
        restore_optimizers(loop.model, loop.optimizers, checkpoint.part("optimizer"))
        if loop.average is not None:
            loop.average.restore(checkpoint.part("average") or checkpoint.part("model"))
        loop.progress = Progress(**checkpoint.state["progress"])
        self.sampler.restore(checkpoint.state["sampler"])
        self.validation.restore(checkpoint.state["validation"])
        self.meter.restore(checkpoint.state["meter"])
        restore_random(loop.world, checkpoint.part("random"), loop.progress.step)


def random_states(world: World) -> dict[str, Tensor]:
    """`cpu` and `cuda` of the main process, `cpu.1` and `cuda.1` of the next one, and so on."""
    kinds = {"cpu": torch.get_rng_state()}
    if world.device.type == "cuda":
        kinds["cuda"] = torch.cuda.get_rng_state(world.device)
    gathered = {kind: world.gather(state) for kind, state in kinds.items()}
    return {_random_name(kind, rank): state for kind, states in gathered.items() for rank, state in enumerate(states)}


def restore_random(world: World, states: Mapping[str, Tensor], step: int) -> None:
    """Go on with this process's random numbers; one that was not there before has new ones from `step` on."""
    cpu, cuda = (states.get(_random_name(kind, world.rank)) for kind in ("cpu", "cuda"))
    if cpu is None:
        world.diverge(step)
    else:
        torch.set_rng_state(cpu)
    if cuda is not None and world.device.type == "cuda":
        torch.cuda.set_rng_state(cuda, world.device)


def _random_name(kind: str, rank: int) -> str:
    return f"{kind}.{rank}" if rank else kind


def check_parameters(part: str, found: Mapping[str, Tensor], wanted: Mapping[str, tuple[int, ...]]) -> None:
    """Raises CheckpointError, naming some, where `found` are not the `wanted` parameters of these shapes."""
    if part == "average" and not found:
        return
    faults = [f"has no {name}" for name in wanted if name not in found]
    faults += [f"has {name}, which the model has not" for name in found if name not in wanted]
    faults += [
        f"has {name} of shape {list(tensor.shape)}, the model {list(wanted[name])}"
        for name, tensor in found.items()
        if name in wanted and tuple(tensor.shape) != wanted[name]
    ]
    if faults:
        more = f"; and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
        raise CheckpointError(
            f"the checkpoint's {part} {'; '.join(faults[:NAMED])}{more}: the code or its options have changed since; "
            "go on with the release and the options that it began with, or start anew with another output.folder"
        )
