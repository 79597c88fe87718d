"""Processes that work for this one."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from nmt.errors import DataError
from training.stopping import signals_held_back

Arguments = ParamSpec("Arguments")
ResultT = TypeVar("ResultT")


class Workers:
    """Processes that take work; they start as there is work for them."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def submit(
        self, work: Callable[Arguments, ResultT], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Future[ResultT]:
        """An interruption waits until a process that is being started is known, so that it can be ended."""
        with signals_held_back():
            return self._pool.submit(work, *arguments, **named)


@contextmanager
def workers(
    processes: int, begin: Callable[..., object] | None = None, *arguments: Any, option: str
) -> Iterator[Workers]:
    """New processes, each of which first calls `begin(*arguments)` where there is something to call.

    They leave interrupts to this process, and end where it is interrupted or ends, whatever they are at. Raises
    DataError, which names the `option` that says how many they are, where one of them is ended from outside.
    """
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _begin, (begin, arguments)) as pool:
        try:
            yield Workers(pool)
        except BrokenProcessPool:
            raise DataError(
                f"one of {processes} working processes was ended, perhaps for want of memory; run it again with fewer: "
                f"{option}"
            ) from None
        except (KeyboardInterrupt, SystemExit):
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(begin: Callable[..., object] | None, arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if begin is not None:
        begin(*arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
