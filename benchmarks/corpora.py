"""Corpora larger than memory: made-up pairs in shards, read as training reads them; and `nmt prepare` on real text.

    python -m benchmarks.corpora shards --pairs 100000000        # about 8 GB in a temporary folder (--folder)
    python -m benchmarks.corpora text path/to/train.en path/to/train.de

`shards` writes pairs of random pieces, lengths log-normal around 14, through the writer that `nmt prepare` uses, then
reads batches of both directions in a fresh process: seconds to the first batch, batches per second, memory. `text`
prepares files in one process, with and without cleaning, and compares batches from shards with those from memory.
"""

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console

from nmt.tokenizer import SentencePieceTokenizer
from nmt.translator import BUNDLED
from training.config import TrainingConfig
from training.corpus import ParallelCorpus, load_corpus
from training.preparation.manifest import TOKENIZER, Manifest, Part, recipe_of
from training.preparation.preparation import Preparation
from training.preparation.prepared import open_prepared, prepared_tokenizer
from training.sampler import POOL_EXAMPLES, Sampler
from training.shard import SHARD_PAIRS, Shard

BATCH_TOKENS = 6000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    shards = commands.add_parser("shards")
    shards.add_argument("--pairs", type=int, default=100_000_000)
    shards.add_argument("--batches", type=int, default=20_000, help="batches that are read")
    shards.add_argument("--folder", type=Path, help="where to write, deleted afterwards (default: the system's)")
    text = commands.add_parser("text")
    text.add_argument("source", type=Path)
    text.add_argument("target", type=Path)
    read = commands.add_parser("read")
    read.add_argument("folder", type=Path)
    read.add_argument("batches", type=int)
    arguments = parser.parse_args()
    if arguments.command == "read":
        read_batches(arguments.folder, arguments.batches)
        return
    with tempfile.TemporaryDirectory(dir=getattr(arguments, "folder", None)) as name:
        if arguments.command == "shards":
            began = time.monotonic()
            size = write_shards(Path(name), arguments.pairs)
            print(
                f"{arguments.pairs:,} pairs written in {time.monotonic() - began:.0f} s, {size / 1e9:.1f} GB",
                flush=True,
            )
            command = [sys.executable, "-m", "benchmarks.corpora", "read", name, str(arguments.batches)]
            subprocess.run(command, check=True, cwd=Path(__file__).parents[1])
        else:
            compare_text(Path(name), arguments.source.resolve(), arguments.target.resolve())


def config_of(prepared: Path, source: str, target: str, size: int, **cleaning: object) -> TrainingConfig:
    files = {"en": source, "de": target}
    return TrainingConfig.from_mapping(
        {
            "data": {"folder": "/", "directions": ["en-de", "de-en"], "train": [files], "validation": files,
                     "tokenizer": str(BUNDLED / TOKENIZER), "prepared": str(prepared)},
            "model": {"vocabulary_size": size},
            "cleaning": {"held_out": False, **cleaning},  # the pairs are validated with, too
            "output": {"folder": str(prepared / "run")},
        }
    )  # fmt: skip


def write_shards(folder: Path, pairs: int) -> int:
    """Returns the bytes written."""
    tokenizer = SentencePieceTokenizer.load(BUNDLED / TOKENIZER)
    generator = np.random.default_rng(1)
    part = Part(0, ("de", "en"), total=pairs, lines=pairs, is_complete=True)
    for first in range(0, pairs, SHARD_PAIRS):
        count = min(SHARD_PAIRS, pairs - first)
        lengths = np.clip(generator.lognormal(2.6, 0.5, (count, 2)), 1, 100).astype(np.int64)
        ids = generator.integers(4, tokenizer.size, int(lengths.sum()), np.int32)
        shard = Shard.build(ids, lengths, np.arange(first, first + count) + 1)
        name = f"00-de-en-{len(part.shards):05}.safetensors"
        shard.write(folder / name)
        part.shards.append({"name": name, "pairs": count, "checksum": shard.checksum()})
    (folder / TOKENIZER).write_bytes(tokenizer.serialized)
    digest = hashlib.sha256(tokenizer.serialized).hexdigest()
    Manifest(recipe_of(config_of(folder, "a", "b", tokenizer.size)), [], digest, [part]).write(folder)
    return sum(path.stat().st_size for path in folder.iterdir())


def read_batches(folder: Path, count: int) -> None:
    size = SentencePieceTokenizer.load(folder / TOKENIZER).size
    config = config_of(folder, "a", "b", size)
    show_memory("before")
    began = time.monotonic()
    corpus, report = open_prepared(config, prepared_tokenizer(config))
    print(report)
    sampler = Sampler(corpus, batch_tokens=BATCH_TOKENS, seed=1, pool_examples=POOL_EXAMPLES)
    corpus.batch(next(sampler))
    print(f"first batch after {time.monotonic() - began:.2f} s")
    show_memory("then")
    began, worked, examples, longest = time.monotonic(), time.process_time(), 0, 0.0
    for _ in range(count):
        turn = time.monotonic()
        indices = next(sampler)
        longest = max(longest, time.monotonic() - turn)
        examples += len(corpus.batch(indices).source.tokens_BS)
    seconds, worked = time.monotonic() - began, time.process_time() - worked
    print(
        f"{count / seconds:,.0f} batches/s, {examples / seconds:,.0f} examples/s over {seconds:.0f} s "
        f"({count / worked:,.0f} batches per second of processor time); "
        f"longest wait, for a new pool: {longest:.2f} s"
    )
    show_memory("in the end")


def show_memory(when: str) -> None:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    shown = {"VmHWM": "peak", "RssAnon": "its own", "RssFile": "mapped files"}
    figures = (f"{label} {int(fields[key].split()[0]) / 1e3:,.0f} MB" for key, label in shown.items())
    print(f"memory {when}: {', '.join(figures)}", flush=True)


def compare_text(folder: Path, source: Path, target: Path) -> None:
    size = SentencePieceTokenizer.load(BUNDLED / TOKENIZER).size
    off = {"invalid_characters": False, "control_characters": False, "identical": False, "language_confidence": 1.0,
           "max_length_ratio": 0.0, "duplicates": False}  # fmt: skip
    for name, cleaning in (("all", {}), ("all but the language", {"language_confidence": 1.0}), ("no", off)):
        config = config_of(folder / name, str(source), str(target), size, **cleaning)
        began = time.process_time()
        Preparation(config, Console(file=io.StringIO()), processes=1).run()
        seconds = time.process_time() - began
        (part,) = json.loads((folder / name / "manifest.json").read_text())["parts"]
        print(
            f"prepared with {name} cleaning rules: {part['lines'] / seconds:,.0f} pairs per second of processor time",
            flush=True,
        )
    tokenizer = prepared_tokenizer(config)
    began = time.process_time()
    in_memory, _ = load_corpus(config.data, config.data.corpora, tokenizer)
    print(f"read into memory in {time.process_time() - began:.2f} s of processor time")
    began = time.process_time()
    in_shards, _ = open_prepared(config, tokenizer)
    print(f"shards opened in {time.process_time() - began:.2f} s")
    sums = [batches_of(corpus, name) for corpus, name in ((in_memory, "memory"), (in_shards, "shards"))]
    print("the same batches" if sums[0] == sums[1] else "OTHER BATCHES")


def batches_of(corpus: ParallelCorpus, name: str) -> str:
    """Checksum of the batches of an epoch."""
    sampler = Sampler(corpus, batch_tokens=BATCH_TOKENS, seed=1, pool_examples=POOL_EXAMPLES)
    indices = sampler.pool(0)
    began = time.process_time()
    batches = [corpus.batch(part) for part in indices]
    print(f"from {name}: {len(batches) / (time.process_time() - began):,.0f} batches per second of processor time")
    digest = hashlib.sha256()
    for batch in batches:
        for tensor in (batch.source.tokens_BS, batch.target_in_BT, batch.target_out_BT):
            digest.update(tensor.numpy())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
