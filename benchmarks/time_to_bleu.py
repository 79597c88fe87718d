"""How long a run trained until it validated at some BLEU, from its log.

    nmt train recipes/multi30k-en-de.toml data.folder=multi30k validation.beam_size=5 output.folder=runs/timed
    python benchmarks/time_to_bleu.py runs/timed/log.jsonl 34

Time is that of training steps; validations and saving are left out. What is validated, and how, is the run's own
choice: with data.validation set to the files of a test, the log is of that test.
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from nmt.errors import NmtError
from nmt.lines import read_lines


class Reached(NamedTuple):
    """The first validation at the wanted BLEU."""

    step: int
    target_tokens: int
    bleu: float
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=Path, help="log.jsonl of a run")
    parser.add_argument("bleu", type=float, help="BLEU to be reached")
    arguments = parser.parse_args()
    try:
        events = [json.loads(line) for line in read_lines(arguments.log)]
    except (NmtError, ValueError) as error:
        raise SystemExit(f"error: {arguments.log} is not the log of a run: {error}") from None
    if not any("bleu" in event for event in events):
        raise SystemExit(f"error: {arguments.log} has no validation by BLEU")
    found = reached(events, arguments.bleu)
    if found is None:
        best = max((event["bleu"] for event in events if event["event"] == "validation"), default=0.0)
        raise SystemExit(f"{arguments.bleu:g} BLEU was not reached; the best of the validations is {best:.2f}")
    print(
        f"{found.bleu:.2f} BLEU after {found.seconds / 60:.1f} minutes of training: "
        f"step {found.step:,}, {found.target_tokens:,} target tokens"
    )


def reached(events: Iterable[dict[str, Any]], wanted: float) -> Reached | None:
    """None where no validation has as much. Steps behind the last line of figures count at the speed before them."""
    seconds, tokens, speed = 0.0, 0, 1.0
    for event in events:
        if event["event"] == "train":
            seconds, tokens, speed = (
                seconds + (event["target_tokens"] - tokens) / event["tokens_per_s"],
                event["target_tokens"],
                event["tokens_per_s"],
            )
        elif event["event"] == "validation" and event["bleu"] >= wanted:
            more = (event["target_tokens"] - tokens) / speed
            return Reached(event["step"], event["target_tokens"], event["bleu"], seconds + more)
    return None


if __name__ == "__main__":
    main()
