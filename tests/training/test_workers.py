"""Working processes: what they do comes back; one that is ended from outside is told of; none outlives its parent."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from nmt.errors import DataError
from training.stopping import ended_by_signals, signals_held_back
from training.workers import workers

PARENT = """
import time
from training.workers import workers
if __name__ == "__main__":
    with workers(1, option="processes=1") as pool:
        pool.submit(int).result()
        print("at work", flush=True)
        pool.submit(time.sleep, 600).result()
"""


def test_what_they_do_comes_back() -> None:
    with workers(2, option="processes=1") as pool:
        waiting = [pool.submit(abs, number) for number in (-1, 2, -3)]
        assert [one.result() for one in waiting] == [1, 2, 3]


def test_one_that_is_ended_from_outside_is_told_of() -> None:
    with (
        pytest.raises(DataError, match="run it again with fewer: processes=1"),
        workers(1, option="processes=1") as pool,
    ):
        pool.submit(os._exit, 1).result()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_they_end_with_their_parent(end: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "at work\n"
        parent.send_signal(end)
        assert parent.stdout.read() == ""  # comes when all who could write there have ended
        assert parent.wait() == -end


class Interrupting:
    """Sends Ctrl-C while it is handed to a process that starts."""

    was_handed = False

    def __reduce__(self) -> tuple[type, tuple[()]]:
        signal.raise_signal(signal.SIGINT)
        self.was_handed = True
        return int, ()


def test_an_interrupt_while_one_starts_ends_it() -> None:
    interrupting = Interrupting()

    def interrupted() -> None:
        with workers(1, repr, interrupting, option="processes=1") as pool:
            pool.submit(time.sleep, 600)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert interrupting.was_handed, "the start was not cut off"
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_held_back_then_heeded(number: signal.Signals) -> None:
    reached = []

    def interrupted() -> None:
        with ended_by_signals(), signals_held_back():
            signal.raise_signal(number)
            reached.append(number)

    with pytest.raises(SystemExit) as ended:
        interrupted()
    assert reached == [number] and ended.value.code == 128 + number
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())


def test_an_interrupt_does_not_wait_for_them() -> None:
    def interrupted() -> None:
        with workers(1, option="processes=1") as pool:
            pool.submit(int).result()
            pool.submit(time.sleep, 600)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not multiprocessing.active_children()
