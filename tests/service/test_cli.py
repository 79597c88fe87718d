"""`nmt serve`, as a process of its own with a translator that needs no model."""

import os
import select
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

from nmt.errors import ConfigError
from service.cli import address_of, listen
from tests.service.client import PATIENCE_S

ROOT = Path(__file__).parents[2]
FAKE = """
import service.app
from service.cli import serve
from service.models import Source
from tests.service.fakes import FakeTranslator

service.app.sources_of = lambda settings: lambda: [Source("fake", "1", lambda: {load})]
serve(port=0)
"""


@contextmanager
def running(load: str, decoders: int = 1) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-c", FAKE.format(load=load)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"NMT_DECODERS": str(decoders)},
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout
    finally:
        process.kill()
        process.communicate()


def test_it_greets_with_a_command_that_works_and_ends_at_sigterm() -> None:
    with running("FakeTranslator()") as (process, output):
        greeting = []
        while not greeting or not greeting[-1].startswith("  try"):
            line = output.readline()
            assert line, "the server ended"
            greeting.append(line)
        assert "ready after" in "".join(greeting) and "serving en-de, de-en" in "".join(greeting)
        curl, url, *options = shlex.split(greeting[-1].removeprefix("  try"))
        assert curl == "curl" and options[::2] == ["-d"] * 4
        body = "&".join(options[1::2])
        headers = {"content-type": "application/x-www-form-urlencoded"}
        reply = httpx.post(url, content=body, headers=headers, trust_env=False)
        assert reply.status_code == 200 and reply.json()["translatedText"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == -signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_decoding_processes_end_with_the_service_even_when_it_is_killed() -> None:
    with running("FakeTranslator()", decoders=2) as (process, output):
        url = next(line for line in output if line.startswith("  try")).split()[2]
        reply = httpx.post(url, json={"q": "a dog", "source": "en", "target": "de"}, trust_env=False)
        assert reply.json()["translatedText"] == "ein Hund"
        handles = [os.pidfd_open(pid) for pid in descendants(process.pid)]
        assert len(handles) == 3  # two that decode, and the one that forks them
        process.send_signal(signal.SIGKILL)
        for handle in handles:
            assert select.select([handle], [], [], PATIENCE_S)[0]
            os.close(handle)


def descendants(pid: int) -> list[int]:
    children = [int(each) for task in Path("/proc").glob(f"{pid}/task/*/children") for each in task.read_text().split()]
    return children + [each for child in children for each in descendants(child)]


def test_it_ends_where_the_model_cannot_be_loaded() -> None:
    with running("FakeTranslator(pairs=1)") as (process, _):
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 1
        assert "The model could not be loaded" in errors


def test_an_address_in_use_is_said() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port}.*Address already in use"):
            listen("127.0.0.1", port)


def test_the_address_is_one_that_a_browser_here_can_open() -> None:
    with listen("0.0.0.0", 0) as listener:
        assert address_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
    if socket.has_ipv6:
        with listen("::1", 0) as listener:
            assert address_of(listener).startswith("http://[::1]:")
