"""How long the service takes to be ready, and the memory it then holds at rest (Linux).

python benchmarks/startup.py [--model FOLDER] [--runs 5]
"""

import argparse
import statistics

from server import serving


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", help="folder of the model (default: the bundled one)")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    measured = [start_once(arguments.model) for _ in range(arguments.runs)]
    seconds, megabytes = (statistics.median(column) for column in zip(*measured, strict=True))
    print(f"process start to ready: {seconds:.1f} s; memory at rest: {megabytes:.0f} MB (medians)")


def start_once(model: str | None) -> tuple[float, float]:
    """Seconds until the process says that it is ready, and its megabytes then, those of its processes included."""
    with serving(model) as server:
        return server.seconds_to_ready, server.memory_mb()


if __name__ == "__main__":
    main()
