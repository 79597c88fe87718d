r"""Training speed beside JoeyNMT and Marian: data, vocabulary size, model shape and batch size alike, in turns.

    python benchmarks/training_speed.py path/to/multi30k --joeynmt joey/bin/python --marian marian/bin/pymarian

Make the peers' environments once (JoeyNMT's own pins are older than current libraries, hence `--no-deps`):

    python -m venv marian && marian/bin/pip install pymarian
    python -m venv joey && joey/bin/pip install torch==2.13.0 && joey/bin/pip install --no-deps joeynmt==2.3.0
    joey/bin/pip install importlib_metadata sentencepiece sacrebleu pyyaml pandas matplotlib seaborn sacremoses \
        subword-nmt packaging portalocker datasets tensorboard

All read `train.en` and `train.de` of the folder, with a joint vocabulary of 4,000 pieces, 64 sentences a batch, dropout
and label smoothing. Beside JoeyNMT: embeddings of 256, a GRU encoder of 160 per direction and a GRU decoder of 320,
bilinear attention, AdamW. Beside Marian, whose widths are one number: an encoder of 320 per direction, a conditional
GRU, additive attention, one embedding matrix, Adam. Both peers know no arithmetic but float32 on processors; ours is
run in float32, and in what is fastest here. Speed is target tokens per second as each reports it, its first report
left out.

The last column says which part of the multiply-adds that this machine makes in a large product (2048 x 2048, the same
arithmetic, threads and run) go into the products that training needs. benchmarks/processes.py measures several
processes against one.
"""

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
from multiply_adds import step_multiply_adds
from training_peers import REPORT_EVERY, JoeyNMT, Marian, Peer, Work, run

from nmt.errors import NmtError
from nmt.tokenizer import SentencePieceTokenizer
from training.config import PrecisionKind, TrainingConfig
from training.distributed import ALONE
from training.precision import Precision
from training.report.record import CONFIG, LOG
from training.run_folder import BEST, TOKENIZER
from training.translation import TranslationTask

RECIPE = Path(__file__).resolve().parent.parent / "recipes" / "multi30k-en-de.toml"
TRAIN = [sys.executable, "-c", "from nmt.cli import main; main()", "train"]
MATRIX, SECONDS = 2048, 1.0


@dataclass(frozen=True)
class Contender:
    """One of ours: a shape and an arithmetic."""

    name: str
    shape: Sequence[str]
    precision: PrecisionKind

    def train(self, work: Work) -> float:
        """Target tokens a second: the median of what the log has, but for its first."""
        options = [
            f"data.folder={work.data}", f"output.folder={self._folder(work)}", f"training.max_steps={work.updates}",
            f"training.log_every={REPORT_EVERY}", f"training.precision={self.precision}",
            f"training.threads={work.threads}", "training.batch_tokens=1950", "training.warmup_steps=0",
            "training.schedule=constant", "training.validate_every=1000000", "training.save_every=1000000",
            "training.average_decay=0.0", "training.guided_alignment=0.0", "validation.max_sentences=1", *self.shape,
        ]  # fmt: skip
        run([*TRAIN, str(RECIPE), *options], work)
        lines = map(json.loads, (self._folder(work) / LOG).read_text(encoding="utf-8").splitlines())
        return float(median([line["tokens_per_s"] for line in lines if line["event"] == "train"][1:]))

    def multiply_adds(self, work: Work) -> float:
        """For each target token of the batches that it was trained on in this folder."""
        folder = self._folder(work)
        config = TrainingConfig.from_mapping(json.loads((folder / CONFIG).read_text(encoding="utf-8")))
        task, tokenizer = TranslationTask(config), SentencePieceTokenizer.load(folder / TOKENIZER)
        learnt = task.build(tokenizer, task.read(tokenizer)[0], ALONE, folder / BEST)
        batches: list[Any] = list(itertools.islice(learnt.batches, work.updates))
        products = sum(step_multiply_adds(config.model, batch) for batch in batches)
        return float(products / sum(batch.target_tokens for batch in batches))

    def _folder(self, work: Work) -> Path:
        return work.folder / self.name.replace(" ", "-").replace(",", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with train.en, train.de, val.en, val.de")
    parser.add_argument("--joeynmt", metavar="PYTHON", help="Python of an environment with JoeyNMT")
    parser.add_argument("--marian", metavar="PYMARIAN", help="the program pymarian of an environment with Marian")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turns")
    parser.add_argument("--updates", type=int, default=100, help="updates of each run")
    parser.add_argument("--threads", type=int, default=2, help="threads of each system")
    arguments = parser.parse_args()
    try:
        compare(arguments)
    except NmtError as error:
        raise SystemExit(f"error: {error}") from None


def compare(arguments: argparse.Namespace) -> None:
    peers: list[Peer] = []
    peers += [JoeyNMT(arguments.joeynmt)] if arguments.joeynmt else []
    peers += [Marian(arguments.marian)] if arguments.marian else []
    if not peers:
        raise NmtError("name at least one peer: --joeynmt PYTHON, --marian PYMARIAN")
    ours = {peer.name: contenders(peer) for peer in peers}
    speeds: dict[str, list[float]] = defaultdict(list)
    shares: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        for number in range(arguments.rounds):
            folder = Path(name) / f"round{number + 1}"
            folder.mkdir()
            work = Work(arguments.data.resolve(), folder, arguments.updates, arguments.threads)
            contestants: list[Peer | Contender] = [*peers, *itertools.chain(*ours.values())]
            for contestant in contestants:
                speeds[contestant.name].append(contestant.train(work))
                print(f"round {number + 1}: {contestant.name} {speeds[contestant.name][-1]:,.0f}", flush=True)
                if isinstance(contestant, Contender):
                    products = speeds[contestant.name][-1] * contestant.multiply_adds(work)
                    shares[contestant.name].append(products / matrix_rate(contestant.precision, work.threads))
    print("\n".join(tables(ours, speeds, shares)))


def contenders(peer: Peer) -> list[Contender]:
    """Ours in the peer's shape: in float32, and in what is fastest here where that is something else."""
    found = [Contender(f"ours as {peer.name}, float32", peer.shape, "float32")]
    best = str(Precision.choose("auto", torch.device("cpu")))
    if best != "float32":
        found.append(Contender(f"ours as {peer.name}, {best}", peer.shape, "auto"))
    return found


def matrix_rate(kind: PrecisionKind, threads: int) -> float:
    """Multiply-adds a second in a large product: the best of a second."""
    torch.set_num_threads(threads)
    precision = Precision.choose(kind, torch.device("cpu"))
    one, other = (torch.randn(MATRIX, MATRIX).to(precision.dtype) for _ in range(2))
    torch.mm(one, other)
    times, began = [], time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        start = time.perf_counter()
        torch.mm(one, other)
        times.append(time.perf_counter() - start)
    return float(MATRIX**3 / min(times))


def tables(
    ours: dict[str, list[Contender]], speeds: dict[str, list[float]], shares: dict[str, list[float]]
) -> list[str]:
    """Medians over the rounds in Markdown; a ratio is taken in each round against the peer that ran in it."""
    lines = ["", "| system | target tokens/s | against the peer (rounds) | of the matrix rate |", "|---" * 4 + "|"]
    for peer, contestants in ours.items():
        lines.append(f"| {peer}, float32 | {median(speeds[peer]):,.0f} | | |")
        for contestant in contestants:
            own = speeds[contestant.name]
            ratios = [mine / theirs for mine, theirs in zip(own, speeds[peer], strict=True)]
            cells = [contestant.name, f"{median(own):,.0f}"]
            cells += [f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"]
            lines.append(f"| {' | '.join(cells)} | {median(shares[contestant.name]):.0%} |")
    return lines


if __name__ == "__main__":
    main()
