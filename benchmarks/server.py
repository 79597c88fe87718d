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
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def cpu_s(self) -> tuple[float, float]:
        """Processor seconds so far of the thread that speaks HTTP, and of all other threads."""
        http = other = 0.0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                fields = (task / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue  # the thread has ended
            seconds = (int(fields[11]) + int(fields[12])) / TICKS_PER_S
            if int(task.name) == self.process.pid:
                http += seconds
            else:
                other += seconds
        return http, other


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
