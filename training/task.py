"""What a run needs of its task, translation or another: data, model, objective, and what its scores mean."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from torch import nn

from nmt.tokenizer import SentencePieceTokenizer
from training.distributed import World
from training.loop import Progress
from training.objective import DescribedBatch


class Shown(Protocol):
    """What a person looks at to see how good the model is."""

    def texts(self) -> dict[str, str]:
        """Name -> text."""
        ...


class Score(Protocol):
    """A dataclass of what a validation found; the log of the run has all its fields."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def value(self) -> float:
        """What the best model has most of."""
        ...

    @property
    def samples(self) -> tuple[Shown, ...]: ...

    def summary(self) -> str:
        """The score in a few words."""
        ...

    def figures(self) -> dict[str, float]:
        """Name -> number, for curves."""
        ...


class Validator(Protocol):
    """Scores the model; leaves it in training mode and draws no random numbers. `measure` is what `value` is called.

    All processes score it together, and all have the whole score.
    """

    @property
    def measure(self) -> str: ...

    def fingerprint(self) -> int:
        """A number that other held-out text, and another way to score, would most likely change."""
        ...

    def score(self) -> Score: ...


class Corpus(Protocol):
    """The examples that are learnt from."""

    def __len__(self) -> int: ...

    def fingerprint(self) -> int:
        """A number that another corpus would most likely change."""
        ...


class Resumable(Protocol):
    """Which batch comes next, in a form that JSON can hold."""

    @property
    def epochs(self) -> float:
        """How often as many examples as there are have come."""
        ...

    def state(self) -> dict[str, int]: ...

    def restore(self, state: dict[str, int]) -> None: ...


@dataclass(frozen=True)
class Work:
    """A task that is ready: `objective` maps a batch to its Loss; `batches` are endless, each this process's part of
    one, None where that is empty; `sampler` knows the place in them; `save_best` writes the model."""

    model: nn.Module
    objective: nn.Module
    sampler: Resumable
    batches: Iterator[DescribedBatch | None]
    validator: Validator
    validation_report: str
    save_best: Callable[[Any, Progress], None]


class Task(Protocol):
    """The three steps in which a run is made ready."""

    def obtain_tokenizer(self, kept: Path | None) -> SentencePieceTokenizer:
        """The tokenizer in the file `kept`; without it the given one, or a newly trained one."""
        ...

    def read(self, tokenizer: Any) -> tuple[Corpus, str]:
        """The corpus, for the tokenizer that was obtained, and what to tell of it."""
        ...

    def build(self, tokenizer: Any, corpus: Any, world: World, best: Path) -> Work:
        """All the rest, the random numbers of the model's weights first; the best model goes to the folder `best`."""
        ...
