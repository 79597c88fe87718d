"""The processes that train one model together: who this one is among them, and how they speak."""

# R processes, N numbers

import gc
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.rendezvous import rendezvous

from nmt.errors import ConfigError, NmtError, TrainingError
from nmt.processors import available_processors
from training.config import DeviceKind

TIMEOUT = timedelta(minutes=30)
"""How long a process waits for the others, which may have a vocabulary to learn or a large text to read."""
MISTAKE, FAILURE = 2, 1
VARIABLES = ("MASTER_ADDR", "MASTER_PORT", "RANK", "WORLD_SIZE")
"""What torchrun, or another launcher, says in the environment of each process."""

CPU = torch.device("cpu")

ItemT = TypeVar("ItemT")


@dataclass(frozen=True)
class World:
    """This process is number `rank` of `size`, number `local_rank` of the `local_size` on this machine.

    What is exchanged goes through the processors' memory, but for `sum`, also where gradients go between GPUs. Each
    method that speaks with the others must be called by all of them, in the same order; it raises RuntimeError where
    one is gone.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1
    device: torch.device = CPU

    @property
    def is_main(self) -> bool:
        """The one process that writes: checkpoints, models, logs, and to the person who watches."""
        return self.rank == 0

    def placed(self, kind: DeviceKind) -> "World":
        """The same on its own device: `auto` is a GPU where there is one. Raises ConfigError where there is none."""
        found = torch.cuda.device_count() if kind != "cpu" and torch.cuda.is_available() else 0
        if kind == "cuda" and not found:
            raise ConfigError("training.device", kind, "'cpu' or 'auto': torch finds no CUDA device here")
        if not found:
            return self
        if self.local_rank >= found:
            raise ConfigError("training.device", kind, f"'cpu', or a GPU for each process on this machine, not {found}")
        torch.cuda.set_device(self.local_rank)
        return replace(self, device=torch.device("cuda", self.local_rank))

    def use_threads(self, wanted: int) -> None:
        """Compute with `wanted` threads; 0: with all of the machine, shared out among its processes."""
        if wanted:
            torch.set_num_threads(wanted)
        elif self.local_size > 1:
            torch.set_num_threads(max(1, available_processors() // self.local_size))

    def crowded(self) -> str:
        """A sentence that says so where the threads that compute here are more than the processors, else nothing."""
        threads, processors = self.local_size * torch.get_num_threads(), available_processors()
        if self.device.type != "cpu" or threads <= processors:
            return ""
        found = f"{processors} processors" if processors > 1 else "1 processor"
        return f"{threads} threads take turns on {found}: fewer are faster (--processes, training.threads)"

    def diverge(self, *numbers: int) -> None:
        """From here on each process draws random numbers of its own: the main one as it would have, the others such as
        follow from `numbers` and their rank."""
        if not self.is_main:
            torch.manual_seed(int(np.random.SeedSequence([*numbers, self.rank]).generate_state(1)[0]))

    def gather(self, tensor: Tensor) -> list[Tensor]:
        """The tensors of all processes, by rank; on the CPU, of one shape and type."""
        if self.size == 1:
            return [tensor]
        found = [torch.empty_like(tensor) for _ in range(self.size)]
        dist.all_gather(found, tensor.contiguous())
        return found

    def sum(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The sums over all processes of each of `tensors`, on their devices; all give alike shapes of one type."""
        if self.size == 1 or not tensors:
            return list(tensors)
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        dist.all_reduce(flat)
        parts = flat.split_with_sizes([tensor.numel() for tensor in tensors])
        return [part.view_as(tensor) for part, tensor in zip(parts, tensors, strict=True)]

    def table(self, numbers: Sequence[float]) -> Tensor:
        """RN: the numbers of all processes (float64), a row each."""
        return torch.stack(self.gather(torch.tensor(numbers, dtype=torch.float64)))

    def texts(self, text: str) -> list[str]:
        """The texts of all processes, by rank."""
        own = text.encode()
        lengths = self.table([len(own)])[:, 0].int().tolist()
        padded = torch.frombuffer(bytearray(own.ljust(max(1, *lengths), b" ")), dtype=torch.uint8)
        found = zip(self.gather(padded), lengths, strict=True)
        return [tensor.numpy()[:length].tobytes().decode() for tensor, length in found]

    def meet(self) -> None:
        """Wait for all."""
        self.table([0])

    @contextmanager
    def main_first(self) -> Iterator[None]:
        """The main process goes through the `with` block before the others do."""
        if not self.is_main:
            self.meet()
        yield
        if self.is_main:
            self.meet()

    def deal(self, items: Sequence[ItemT], work: Callable[[Sequence[ItemT]], Sequence[Any]]) -> list[Any]:
        """`work(items)`, done by all together: each process has every size-th item, all get all results in order.

        `work` gives one result an item, which JSON can hold.
        """
        own = work(items[self.rank :: self.size])
        if self.size == 1:
            return list(own)
        results: list[Any] = [None] * len(items)
        for rank, text in enumerate(self.texts(json.dumps(own))):
            results[rank :: self.size] = json.loads(text)
        return results

    def check_same(self, values: Mapping[str, object]) -> None:
        """Raises TrainingError where a process has other `values` (name -> what JSON can hold) than the main one."""
        first, *others = map(json.loads, self.texts(json.dumps(values)))
        for rank, found in enumerate(others, 1):
            for name, value in found.items():
                if value != first[name]:
                    raise TrainingError(
                        f"process {rank} of {self.size} has {name} {value!r}, process 0 has {first[name]!r}: "
                        "give all of them the same command, the same files, and one output.folder that they share"
                    )


ALONE = World()


@contextmanager
def joined() -> Iterator[World]:
    """The world that the environment describes, as torchrun sets it; without one, a process is ALONE.

    Where something goes wrong in several processes, one of them tells it: the first one raises what it met, the others
    end in SystemExit without a word. Where a process is gone, or silent for TIMEOUT, the others raise TrainingError.
    """
    size = int(os.environ.get("WORLD_SIZE", 1))
    if size == 1 or any(name not in os.environ for name in VARIABLES):
        yield ALONE
        return
    store = None
    try:
        store = _meet_others(size)
        yield World(
            rank=dist.get_rank(), size=size,
            local_rank=int(os.environ.get("LOCAL_RANK", 0)), local_size=int(os.environ.get("LOCAL_WORLD_SIZE", 1)),
        )  # fmt: skip
        gc.collect()  # what still holds the group, in cycles, would keep its threads past the end of the interpreter
        dist.destroy_process_group()
    except Exception as error:
        told = _as_told(error)
        if store is not None and not _is_first_to_fail(store):
            raise SystemExit(MISTAKE if isinstance(told, NmtError) else FAILURE) from None
        raise told from (None if told is error else error)


def _meet_others(size: int) -> Any:
    """Joins them; gives the store of keys and values that they share."""
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() and dist.is_nccl_available() else "gloo"
    store, rank, _ = next(rendezvous("env://", timeout=TIMEOUT))
    dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=TIMEOUT)
    return store


def _as_told(error: Exception) -> Exception:
    """What to say of an error: that of a broken link is put in words."""
    is_broken_link = isinstance(error, dist.DistError) or (isinstance(error, RuntimeError) and "gloo" in str(error))
    if not is_broken_link:
        return error
    said = re.sub(r"^\[.*?\] ", "", str(error)).partition(". ")[0]
    return TrainingError(
        f"another process of this run has ended or no longer answers ({said}); "
        "run the same command again, training goes on from the last checkpoint"
    )


def _is_first_to_fail(store: Any) -> bool:
    try:
        return bool(store.add("failures", 1) == 1)
    except RuntimeError:  # whoever kept the store is gone
        return True
