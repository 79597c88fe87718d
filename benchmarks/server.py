"""A service of its own process on a free port of this machine, and what Linux says of that process."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running service at `host`, `port`."""

    process: subprocess.Popen[str]
    host: str
    port: int
    seconds_to_ready: float

    def memory_mb(self) -> float:
        """Memory of the service and of the processes that decode for it: a page that several share counts once."""
        return sum(map(proportional_mb, [self.process.pid, *descendants(self.process.pid)]))

    def cpu_s(self) -> tuple[float, float]:
        """Processor seconds so far of the thread that speaks HTTP, and of all other threads and processes."""
        seconds = {
            task: seconds for pid in (self.process.pid, *descendants(self.process.pid)) for task, seconds in tasks(pid)
        }
        http = seconds.pop(self.process.pid)
        return http, sum(seconds.values())


def proportional_mb(pid: int) -> float:
    """Resident memory, of each page its share among the processes that have it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0  # the process has ended
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024


def descendants(pid: int) -> list[int]:
    """The processes that this one has started, and theirs."""
    found = []
    for task in Path("/proc").glob(f"{pid}/task/*/children"):
        try:
            children = [int(word) for word in task.read_text(encoding="ascii").split()]
        except OSError:
            continue
        found += [each for child in children for each in (child, *descendants(child))]
    return found


def tasks(pid: int) -> Iterator[tuple[int, float]]:
    """Each thread of a process, and its processor seconds so far."""
    for task in Path("/proc").glob(f"{pid}/task/*/stat"):
        try:
            fields = task.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # the thread has ended
        yield int(task.parent.name), (int(fields[11]) + int(fields[12])) / TICKS_PER_S


@contextmanager
def serving(model: str | None = None, **settings: object) -> Iterator[Server]:
    """`nmt serve`, ready; `settings` are environment variables without their NMT_. It is stopped in the end."""
    command = [str(Path(sys.executable).with_name("nmt")), "serve", "--port", "0"]
    environment = os.environ | {f"NMT_{name.upper()}": str(value) for name, value in settings.items()}
    began = time.monotonic()
    with subprocess.Popen(
        command + (["--model", model] if model else []),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            next(line for line in lines if "ready after" in line)
            seconds = time.monotonic() - began
            address = next(line for line in lines if "page" in line).split()[-1]
            urllib.request.urlopen(f"{address}readyz", timeout=10).read()
            host, port = address.removeprefix("http://").strip("/").rsplit(":", 1)
            yield Server(process, host, int(port), seconds)
        finally:
            process.terminate()
