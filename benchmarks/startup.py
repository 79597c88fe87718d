"""How long the service takes to be ready, and the memory it then holds at rest (Linux).

python benchmarks/startup.py [--model FOLDER] [--runs 5]
"""

import argparse
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", help="folder of the model (default: the bundled one)")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    measured = [start_once(arguments.model) for _ in range(arguments.runs)]
    seconds, megabytes = (statistics.median(column) for column in zip(*measured, strict=True))
    print(f"process start to ready: {seconds:.1f} s; memory at rest: {megabytes:.0f} MB (medians)")


def start_once(model: str | None) -> tuple[float, float]:
    """Seconds until the process says that it is ready, and its resident megabytes then."""
    command = [str(Path(sys.executable).with_name("nmt")), "serve", "--port", "0"]
    began = time.monotonic()
    with subprocess.Popen(
        command + (["--model", model] if model else []), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            lines = iter(server.stdout.readline, "")
            next(line for line in lines if "ready after" in line)
            seconds = time.monotonic() - began
            address = next(line for line in lines if "page" in line).split()[-1]
            urllib.request.urlopen(f"{address}readyz", timeout=10).read()
            status = Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
        finally:
            server.terminate()
    resident_kb = next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]
    return seconds, int(resident_kb) / 1024


if __name__ == "__main__":
    main()
