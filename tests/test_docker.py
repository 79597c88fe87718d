"""The image is made by the Makefile's own commands, so that what is tested is what is built."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def instructions(text: str) -> list[tuple[str, str]]:
    """(KEYWORD, argument) of every instruction, continuation lines joined, comments left out."""
    without_comments = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", without_comments).splitlines()
    return [(keyword, rest.strip()) for keyword, _, rest in (line.partition(" ") for line in lines) if keyword]


def arguments(keyword: str) -> list[str]:
    return [rest for name, rest in instructions(DOCKERFILE) if name == keyword]


def make_would_run(*words: str) -> list[str]:
    """The commands of Python and of its environment that a `make` target would run."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "-n", *words, "VENV=/opt/nmt", "PYTHON=python", "SOURCE=."]
    done = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line.startswith(("python ", "/opt/nmt/"))]


@needs_make
def test_the_image_installs_as_make_does() -> None:
    (run,) = [rest for rest in arguments("RUN") if "pip install" in rest]
    steps = re.sub(r"--mount=\S+\s*", "", run).split("&&")
    expected = make_would_run("install")
    assert [" ".join(step.split()) for step in steps] == expected


@needs_make
def test_the_image_serves_as_make_does() -> None:
    served = make_would_run("serve", "HOST=0.0.0.0", "PORT=8000")[-1]
    (command,) = arguments("CMD")
    assert served == "/opt/nmt/bin/" + " ".join(json.loads(command))


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {name for rest in arguments("COPY") if not rest.startswith("--from") for name in rest.split()[:-1]}
    assert copied == allowed
    assert {name for name in copied if not (ROOT / name).exists()} == set()


def test_the_service_is_not_root() -> None:
    assert arguments("USER") == ["nmt"]


@pytest.mark.parametrize(("status", "exit_code"), [(200, 0), (503, 1)])
def test_the_health_check_tells_ready_from_not(status: int, exit_code: int) -> None:
    (rest,) = arguments("HEALTHCHECK")
    command = json.loads(rest.partition("CMD")[2])
    with answering(status) as port:
        code = command[-1].replace("8000", str(port))
        done = subprocess.run([sys.executable, "-c", code], check=False, timeout=30)
    assert command[:2] == ["python", "-c"]
    assert done.returncode == exit_code


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server on the loopback that answers /readyz with `status`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
