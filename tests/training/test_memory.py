"""Large stretches of memory that are given back are had again without the system's help."""

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
from training.memory import keep_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    bytes(bytearray(64_000_000))
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

{prepare}
faults()
print(faults())
"""


def faults(prepare: str) -> int:
    """Pages that the system has to give when two stretches of 64 MB are asked for a second time."""
    code = FAULTS.format(prepare=prepare)
    return int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library does as it likes")
def test_it_is_kept() -> None:
    assert 4 * faults("keep_memory()") < faults("")
