"""The process that decoding processes are forked from: it has loaded the libraries, and they share them."""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection

PATIENCE_S = 5.0
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
CAN_FORK = sys.platform == "linux"  # elsewhere, libraries that torch loads may not be forked
CODE = "import sys; sys.path = {path!r}; from service.forkserver import {function}; {function}()"


class ForkServer:
    """Starts decoding processes (POSIX); where it `forks` them, they share its memory.

    They, and the process that forks them, end when this one does, however that happens. The latter has no threads, so
    that nothing is forked in the middle of what another thread does, and Ctrl-C in this one's terminal doesn't reach
    it. Methods may be called on any thread.
    """

    def __init__(self, *, forks: bool = CAN_FORK) -> None:
        self._forks = forks
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """The id of the process that forks; None before it has been started."""
        process = self._process
        return None if process is None else process.pid

    def begin(self) -> None:
        """Start to load the libraries, in the background."""
        with self._lock:
            self._begin()

    def start(self) -> Connection:
        """A pipe to a new process that runs `service.process.decode`. Raises OSError."""
        ours, theirs = socket.socketpair()
        pipe = Connection(ours.detach())
        try:
            with theirs, self._lock:
                try:
                    self._send(theirs)
                except OSError:  # it has ended
                    self._end()
                    self._send(theirs)
        except OSError:
            pipe.close()
            raise
        return pipe

    def close(self) -> None:
        """End the process that forks. Those that it has started go on until their pipes are closed."""
        with self._lock:
            self._end()

    def _send(self, theirs: socket.socket) -> None:
        socket.send_fds(self._begin(), [b"."], [theirs.fileno()])

    def _begin(self) -> socket.socket:
        if self._control is None:
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = _python("serve_forks" if self._forks else "serve_starts", theirs.fileno())
            self._control = ours
        return self._control

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._control = self._process = None


def serve_forks() -> None:
    """Fork a process for each pipe that comes through standard input, a socket, until that is closed."""
    _ignore_signals()
    from service.process import decode

    gc.collect()
    gc.freeze()
    with socket.socket(fileno=sys.stdin.fileno()) as control:
        for pipe in _pipes(control):
            if os.fork() == 0:
                control.close()
                return decode(Connection(pipe))
            os.close(pipe)


def serve_starts() -> None:
    """The same, where nothing may be forked: each process starts from nothing."""
    _ignore_signals()
    with socket.socket(fileno=sys.stdin.fileno()) as control:
        for pipe in _pipes(control):
            _python("serve_orders", pipe)
            os.close(pipe)


def serve_orders() -> None:
    """Decode, with standard input as the pipe."""
    _ignore_signals()
    from service.process import decode

    decode(Connection(sys.stdin.fileno()))


def _python(function: str, stdin: int) -> "subprocess.Popen[bytes]":
    """A new interpreter that runs a function of this module, away from this one's terminal."""
    return subprocess.Popen(
        [sys.executable, "-c", CODE.format(path=sys.path, function=function)],
        stdin=stdin, stdout=subprocess.DEVNULL, env=os.environ | ONE_THREAD, start_new_session=True,
    )  # fmt: skip


def _ignore_signals() -> None:
    """Who serves decides when to stop; a process that has ended is forgotten."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(each, signal.SIG_IGN)


def _pipes(control: socket.socket) -> Iterator[int]:
    while pipes := socket.recv_fds(control, 1, 1)[1]:
        yield pipes[0]
