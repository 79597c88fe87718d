"""The decoders of a service: itself, or processes of their own."""

from collections.abc import Callable

from nmt.processors import available_processors
from service.decoding import Running
from service.forkserver import ForkServer
from service.lanes import Lanes
from service.processors import decodes_apart
from service.remote import RemoteLanes


class Pool:
    """So many decoders (0: one for each processor); the processes among them come from `fork_server`, or its own one.

    `when_lost` is called, on any thread, each time that one of them has ended.
    """

    def __init__(self, decoders: int, fork_server: ForkServer | None, when_lost: Callable[[], None]) -> None:
        count = decoders or available_processors()
        self._is_own, self._fork_server = fork_server is None, fork_server or ForkServer()
        start = self._fork_server.start
        self._remote = [RemoteLanes(start, when_lost) for _ in range(count)] if decodes_apart(count) else []
        self.lanes: list[Running] = [*self._remote] or [Lanes(threads=count)]

    @property
    def pids(self) -> list[int]:
        """The ids of all processes besides this one."""
        pids = [self._fork_server.pid, *(lanes.pid for lanes in self._remote)]
        return [pid for pid in pids if pid is not None]

    def close(self) -> None:
        """Let go of what has been made here."""
        if self._is_own:
            self._fork_server.close()
