"""Several processes of one command on this machine: started together, stopped together."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch.distributed as dist

from nmt.errors import ConfigError
from training.console import error_console
from training.distributed import VARIABLES
from training.observers.signals import stop_signals

HOST = "127.0.0.1"
PAUSE_S = 0.1
PATIENCE_S = 30.0
"""How long the others may take to end when one has failed."""


def launch(command: Sequence[str], processes: int) -> int:
    """Run `command` in each of `processes`, which find one another as torchrun's would.

    SIGINT, SIGTERM and SIGHUP are handed on to all; that this process is gone they learn from the end of their standard
    input (`end_with_launcher`). When a process fails, the others are given PATIENCE_S to end by themselves. Says which
    one a signal has ended. Gives the status of the first that failed, 128 + the number of a signal, or 0. Raises
    ConfigError where this is itself one of several processes.
    """
    if all(name in os.environ for name in VARIABLES):
        raise ConfigError("--processes", processes, "no such option here: this is already one of several processes")
    # The store is kept here, so that it is there also when a process is gone.
    store: Any = dist.TCPStore(  # type: ignore[attr-defined]
        HOST, 0, is_master=True, wait_for_workers=False
    )
    running: list[subprocess.Popen[bytes]] = []
    with _handing_on(running), _lasting_input() as standard_input:
        for rank in range(processes):
            environment = os.environ | _environment(rank, processes, store.port)
            running.append(subprocess.Popen(command, env=environment, process_group=0, stdin=standard_input))
        return _wait(running)


@contextmanager
def _lasting_input() -> Iterator[int]:
    """A pipe to read from that ends with this process."""
    read, write = os.pipe()
    try:
        yield read
    finally:
        os.close(write)
        os.close(read)


def end_with_launcher() -> None:
    """Have this process, one of those that `launch` starts, receive SIGTERM when that one is gone."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _environment(rank: int, size: int, port: int) -> dict[str, str]:
    own = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": size, "LOCAL_WORLD_SIZE": size, "MASTER_PORT": port}
    loopback = [name for _, name in socket.if_nameindex() if name in ("lo", "lo0")]
    interface = os.environ.get("GLOO_SOCKET_IFNAME", loopback[0] if loopback else "")
    fixed = {"MASTER_ADDR": HOST, "TORCHELASTIC_USE_AGENT_STORE": "True"}
    return {name: str(value) for name, value in own.items()} | fixed | {"GLOO_SOCKET_IFNAME": interface}


@contextmanager
def _handing_on(running: Sequence[subprocess.Popen[bytes]]) -> Iterator[None]:
    """Signals that ask for an end go to all that are `running`; on an error here, all are ended."""

    def hand_on(number: int, frame: FrameType | None) -> None:
        _send(running, number)

    previous = {number: signal.signal(number, hand_on) for number in stop_signals()}
    try:
        yield
    finally:
        _send(running, signal.SIGKILL)
        for number, handler in previous.items():
            signal.signal(number, handler)


def _send(running: Sequence[subprocess.Popen[bytes]], number: int) -> None:
    for process in running:
        process.send_signal(number)


def _wait(running: Sequence[subprocess.Popen[bytes]]) -> int:
    """Until all have ended; the status of the first that failed, or 0."""
    status, since = 0, 0.0
    waiting = dict(enumerate(running))
    while waiting:
        time.sleep(PAUSE_S)
        for rank in [rank for rank, process in waiting.items() if process.poll() is not None]:
            code = waiting.pop(rank).returncode
            if code < 0:
                error_console().print(f"process {rank} was ended by {signal.Signals(-code).name}", highlight=False)
            if code and not status:
                status, since = (128 - code if code < 0 else code), time.monotonic()
        if status and time.monotonic() - since > PATIENCE_S:
            _send(running, signal.SIGKILL)
    return status
