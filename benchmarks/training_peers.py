"""Other systems that train recurrent translation models: how each is started, and the speed that it reports."""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import ClassVar, Protocol

import sentencepiece

from nmt.errors import NmtError

REPORT_EVERY = 20
TEMPLATE = Path(__file__).resolve().parent / "joeynmt.yaml"
LAUNCH_JOEYNMT = """
import runpy, sys, sentencepiece
sentencepiece.SentencePieceProcessor.SetVocabulary = lambda *arguments: True  # gone from current SentencePiece
sys.argv = ["joeynmt", "train", sys.argv[1], "--skip-test"]
runpy.run_module("joeynmt", run_name="__main__")
"""


@dataclass(frozen=True)
class Work:
    """What everyone does: `updates` on batches of 64 sentences of `data`, with `threads`; `folder`, empty at
    first, is for its files."""

    data: Path
    folder: Path
    updates: int
    threads: int


class Peer(Protocol):
    """`name` with version; `shape` turns our recipe into a model of the same shape and the same rule of learning."""

    name: ClassVar[str]
    shape: ClassVar[Sequence[str]]

    def train(self, work: Work) -> float:
        """Target tokens a second: the median of what it reports, but for the first report."""
        ...


@dataclass(frozen=True)
class JoeyNMT:
    """In float32, the only arithmetic that it has for processors."""

    python: str
    name: ClassVar[str] = "JoeyNMT"
    shape: ClassVar[Sequence[str]] = (
        "model.encoder_width=160", "model.decoder_width=320", "model.tied_embeddings=none",
        "model.query_sees_last_word=false", "training.optimizer=adamw",
    )  # fmt: skip

    def train(self, work: Work) -> float:
        """With special ids of 0 to 3, as it wants them."""
        make_vocabulary(work, "joint", unk_id=0, pad_id=1, bos_id=2, eos_id=3)
        filled = TEMPLATE.read_text(encoding="utf-8")
        values = {"DATA": work.data.resolve(), "FOLDER": work.folder, "UPDATES": work.updates, "REPORT": REPORT_EVERY}
        for name, value in values.items():
            filled = filled.replace(name, str(value))
        config = work.folder / "joeynmt.yaml"
        config.write_text(filled, encoding="utf-8")
        shown = run([self.python, "-c", LAUNCH_JOEYNMT, str(config)], work)
        return reported(shown, r"Tokens per Sec:\s+([\d.]+)")


@dataclass(frozen=True)
class Marian:
    """In float32, the only arithmetic that it trains in on processors; each thread learns from batches of its own."""

    program: str
    name: ClassVar[str] = "Marian"
    shape: ClassVar[Sequence[str]] = (
        "model.encoder_width=320", "model.decoder_width=320", "model.attention=additive", "model.conditional=true",
        "model.query_sees_last_word=false", "model.tied_embeddings=all",
    )  # fmt: skip

    def train(self, work: Work) -> float:
        make_vocabulary(work, "marian", eos_id=0, unk_id=1, bos_id=-1, pad_id=-1)
        vocabulary = str((work.folder / "marian.model").rename(work.folder / "marian.spm"))  # it goes by the ending
        shape = [
            "--type", "s2s", "--enc-cell", "gru", "--dec-cell", "gru", "--enc-depth", "1", "--dec-depth", "1",
            "--dec-cell-base-depth", "2", "--dim-emb", "256", "--dim-rnn", "320", "--tied-embeddings-all",
            "--dim-vocabs", "4000", "4000",
        ]  # fmt: skip
        learning = [
            "--mini-batch", "64", "--learn-rate", "0.001", "--clip-norm", "1", "--cost-type", "ce-mean-words",
            "--label-smoothing", "0.1", "--dropout-rnn", "0.2", "--dropout-src", "0.1", "--dropout-trg", "0.1",
            "--after-batches", str(work.updates), "--disp-freq", str(REPORT_EVERY), "--seed", "1",
        ]  # fmt: skip
        files = [
            "--train-sets", str(work.data / "train.en"), str(work.data / "train.de"), "--vocabs", vocabulary,
            vocabulary, "--model", str(work.folder / "marian.npz"), "--overwrite", "--no-restore-corpus",
        ]  # fmt: skip
        processor = ["--cpu-threads", str(work.threads), "--workspace", "1000"]
        shown = run([self.program, "train", *shape, *learning, *files, *processor], work)
        return reported(shown, r"([\d.]+) words/s")


def make_vocabulary(work: Work, name: str, *, pad_id: int, unk_id: int, bos_id: int, eos_id: int) -> None:
    """A joint model of 4,000 pieces and the list of them, in the folder."""
    sentencepiece.SentencePieceTrainer.train(
        input=[str(work.data / "train.en"), str(work.data / "train.de")], model_prefix=str(work.folder / name),
        vocab_size=4000, model_type="bpe", byte_fallback=True, minloglevel=2,
        pad_id=pad_id, unk_id=unk_id, bos_id=bos_id, eos_id=eos_id,
    )  # fmt: skip
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(work.folder / f"{name}.model"))
    lines = [pieces.id_to_piece(i) + "\n" for i in range(pieces.get_piece_size())]
    (work.folder / f"{name}.vocab.txt").write_text("".join(lines), encoding="utf-8")


def run(command: Sequence[str], work: Work) -> str:
    """What the command shows. Raises NmtError, with the last lines of it, where it fails."""
    environment = os.environ | {"OMP_NUM_THREADS": str(work.threads), "MKL_NUM_THREADS": str(work.threads)}
    try:
        done = subprocess.run(
            command, cwd=work.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", check=False,
        )  # fmt: skip
    except OSError as error:
        raise NmtError(f"can't run {command[0]}: {error.strerror}") from None
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-15:])
        raise NmtError(f"{command[0]} ended with status {done.returncode}:\n{last}")
    return done.stdout


def reported(shown: str, pattern: str) -> float:
    """Raises NmtError where there are fewer than two reports."""
    found = [float(number) for number in re.findall(pattern, shown)]
    if len(found) < 2:
        raise NmtError(f"fewer than two reports of speed: raise --updates (one each {REPORT_EVERY})\n{shown[-1000:]}")
    return float(median(found[1:]))
