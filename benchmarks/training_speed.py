r"""Training speed beside JoeyNMT: the same data, vocabulary size, model shape and batch size, in alternating runs.

    python benchmarks/training_speed.py path/to/multi30k path/to/python-with-joeynmt

Make the peer's environment once (JoeyNMT's own pins are older than current libraries, hence `--no-deps`):

    python -m venv peer && peer/bin/pip install torch==2.13.0 && peer/bin/pip install --no-deps joeynmt==2.3.0
    peer/bin/pip install importlib_metadata sentencepiece sacrebleu pyyaml pandas matplotlib seaborn sacremoses \
        subword-nmt packaging portalocker datasets tensorboard

Both read `train.en` and `train.de` of the folder, with a joint vocabulary of 4,000 pieces, embeddings of 256, a GRU
encoder of 160 per direction and a GRU decoder of 320, 64 sentences a batch, AdamW, dropout and label smoothing. Speed
is target tokens per second as each reports it, its first report left out.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import sentencepiece

ROOT = Path(__file__).resolve().parent.parent
REPORT_EVERY = 20
LAUNCH_JOEYNMT = """
import runpy, sys, sentencepiece
sentencepiece.SentencePieceProcessor.SetVocabulary = lambda *arguments: True  # gone from current SentencePiece
sys.argv = ["joeynmt", "train", sys.argv[1], "--skip-test"]
runpy.run_module("joeynmt", run_name="__main__")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("data", type=Path, help="folder with train.en, train.de, val.en, val.de")
    parser.add_argument("joeynmt", help="Python of an environment with JoeyNMT")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turns")
    parser.add_argument("--updates", type=int, default=100, help="updates of each run")
    parser.add_argument("--precision", default="float32", help="ours: float32, bfloat16 or auto; JoeyNMT: float32")
    arguments = parser.parse_args()
    speeds: dict[str, list[float]] = {"ours": [], "JoeyNMT": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(arguments.rounds):
            speeds["ours"].append(run_ours(arguments, folder / f"ours{number}"))
            speeds["JoeyNMT"].append(run_joeynmt(arguments, folder))
            print(
                f"round {number + 1}: " + ", ".join(f"{who} {tps[-1]:,.0f}" for who, tps in speeds.items()), flush=True
            )
    medians = {who: statistics.median(tps) for who, tps in speeds.items()}
    ratios = [ours / theirs for ours, theirs in zip(speeds["ours"], speeds["JoeyNMT"], strict=True)]
    ours, theirs = (f"{medians[who]:,.0f}" for who in ("ours", "JoeyNMT"))
    print(f"median target tokens/s: ours ({arguments.precision}) {ours}, JoeyNMT (float32) {theirs}")
    print(f"ratio: {medians['ours'] / medians['JoeyNMT']:.2f} (rounds: {min(ratios):.2f} to {max(ratios):.2f})")


def run_ours(arguments: argparse.Namespace, folder: Path) -> float:
    options = [
        f"data.folder={arguments.data.resolve()}", f"output.folder={folder}", f"training.max_steps={arguments.updates}",
        f"training.log_every={REPORT_EVERY}", f"training.precision={arguments.precision}", "training.optimizer=adamw",
        "training.batch_tokens=1950", "training.warmup_steps=0", "training.schedule=constant",
        "training.validate_every=1000000", "training.average_decay=0.0", "validation.max_sentences=1",
        "model.tied_embeddings=none", "model.query_sees_last_word=false",
    ]  # fmt: skip
    recipe = ROOT / "recipes" / "multi30k-en-de.toml"
    command = [sys.executable, "-c", "from nmt.cli import main; main()", "train", str(recipe), *options]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    lines = map(json.loads, (folder / "log.jsonl").read_text(encoding="utf-8").splitlines())
    return statistics.median([line["tokens_per_s"] for line in lines if line["event"] == "train"][1:])


def run_joeynmt(arguments: argparse.Namespace, folder: Path) -> float:
    config = folder / "joeynmt.yaml"
    if not config.exists():
        make_vocabulary(arguments.data, folder)
        template = (ROOT / "benchmarks" / "joeynmt.yaml").read_text(encoding="utf-8")
        filled = template.replace("DATA", str(arguments.data.resolve())).replace("FOLDER", str(folder))
        config.write_text(filled.replace("UPDATES", str(arguments.updates)).replace("REPORT", str(REPORT_EVERY)))
    command = [arguments.joeynmt, "-c", LAUNCH_JOEYNMT, str(config)]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    found = re.findall(r"Tokens per Sec:\s+([\d.]+)", done.stdout + done.stderr)
    return statistics.median(map(float, found[1:]))


def make_vocabulary(data: Path, folder: Path) -> None:
    """A joint model with the special ids where JoeyNMT wants them."""
    sentencepiece.SentencePieceTrainer.train(
        input=[str(data / "train.en"), str(data / "train.de")], model_prefix=str(folder / "joint"), vocab_size=4000,
        model_type="bpe", byte_fallback=True, unk_id=0, pad_id=1, bos_id=2, eos_id=3, minloglevel=2,
    )  # fmt: skip
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "joint.model"))
    lines = [pieces.id_to_piece(i) + "\n" for i in range(pieces.get_piece_size())]
    (folder / "joint.vocab.txt").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
