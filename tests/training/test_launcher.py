"""Processes that are started together end together."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAUNCHED = """
import os, signal, sys
from training.launcher import end_with_launcher

def say(line):
    os.write(2, line)  # whole, whatever the other process writes meanwhile

signal.signal(signal.SIGTERM, lambda *_: sys.exit(say(b"told\\n")))
end_with_launcher()
say(b"ready\\n")
signal.pause()
"""
LAUNCHING = f"import sys; from training.launcher import launch; launch([sys.executable, '-c', {LAUNCHED!r}], 2)"


def test_who_is_launched_ends_with_a_launcher_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", LAUNCHING], cwd=ROOT, stderr=subprocess.PIPE, text=True) as launcher:
        assert launcher.stderr is not None
        assert [launcher.stderr.readline() for _ in range(2)] == ["ready\n"] * 2
        launcher.kill()
        assert launcher.stderr.read() == "told\n" * 2
