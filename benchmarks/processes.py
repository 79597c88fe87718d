"""How much faster several processes train than one, each with one thread, on the same batches.

    python benchmarks/processes.py recipes/multi30k-en-de.toml data.folder=path/to/multi30k training.batch_tokens=5000

Runs with one process and with several take turns; the median of each kind is shown. Processors must be free.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

NMT = [sys.executable, "-c", "from nmt.cli import main; main()"]
LOG_EVERY = 10
FEWEST_STEPS = 3 * LOG_EVERY
NEVER = 10**9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.processes < 2:
        parser.error(f"--processes: got {options.processes}, expected 2 or more, to compare with one")
    if options.steps < FEWEST_STEPS:
        parser.error(f"--steps: got {options.steps}, expected {FEWEST_STEPS} or more, to leave out the first ones")
    found: dict[int, list[float]] = {1: [], options.processes: []}
    for _ in range(options.rounds):
        for processes, speeds in found.items():
            speeds.append(tokens_per_s(processes, options))
            print(f"{processes} processes: {speeds[-1]:,.0f} target tokens per second", flush=True)
    one, several = (statistics.median(speeds) for speeds in found.values())
    print(f"{options.processes} processes: {several / one:.2f} times one ({several:,.0f} / {one:,.0f})")


def tokens_per_s(processes: int, options: argparse.Namespace) -> float:
    """Over a new run of `steps`, without its first lines of the log."""
    with tempfile.TemporaryDirectory() as folder:
        fixed = {
            "output.folder": folder, "training.max_steps": options.steps, "training.max_target_tokens": 0,
            "training.schedule": "constant", "training.threads": 1, "training.log_every": LOG_EVERY,
            "training.validate_every": NEVER, "training.save_every": NEVER, "validation.max_sentences": 10,
        }  # fmt: skip
        overrides = [*(f"{key}={value}" for key, value in fixed.items()), *options.overrides]
        command = [*NMT, "train", str(options.recipe), "--processes", str(processes), *overrides]
        run = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        if run.returncode:
            raise SystemExit(run.stderr)
        lines = map(json.loads, (Path(folder) / "log.jsonl").read_text(encoding="utf-8").splitlines())
        figures = [(line["target_tokens"], line["tokens_per_s"]) for line in lines if line["event"] == "train"][1:]
    counts = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(figures)]
    seconds = [count / speed for count, (_, speed) in zip(counts, figures[1:], strict=True)]
    return sum(counts) / sum(seconds)


if __name__ == "__main__":
    main()
