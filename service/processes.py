"""What Linux says of processes; elsewhere, and of those that have ended, nothing."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

PROC = Path("/proc")
KIB = 1024


def cpu_s(pid: int) -> float:
    """Processor seconds so far."""
    try:
        fields = (PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid: int) -> int:
    """Memory, of each page that several processes share its part (PSS), so that their sum is what they take."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * KIB


class DecoderProcesses(Collector):
    """Processor time and memory of the processes with these ids, all together."""

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids = pids

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        pids = list(self._pids())
        yield CounterMetricFamily(
            "nmt_decoder_cpu_seconds", "Processor time of the decoding processes", sum(map(cpu_s, pids))
        )
        yield GaugeMetricFamily(
            "nmt_decoder_memory_bytes",
            "Memory of the decoding processes, what they share counted once",
            sum(map(memory_bytes, pids)),
        )
