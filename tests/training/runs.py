"""A training run that is small enough for a test: copy short made-up sentences."""

import io
import random
from pathlib import Path

import torch
from rich.console import Console

from training.checkpoint import Checkpoint, read_checkpoint
from training.config import TrainingConfig
from training.run import Run

WORDS = ["ab", "cd", "ef", "gh", "ij", "kl", "mn", "op"]


def write_corpus(folder: Path, pairs: int = 200) -> None:
    """`train` and `held` in `xx` and `yy`, the two sides alike."""
    generator = random.Random(1)
    lines = [" ".join(generator.choices(WORDS, k=generator.randint(1, 5))) for _ in range(pairs + 20)]
    for name, part in (("train", lines[:pairs]), ("held", lines[pairs:])):
        for language in ("xx", "yy"):
            (folder / f"{name}.{language}").write_text("\n".join(part) + "\n", encoding="utf-8")


def config(folder: Path | str, output: str = "run", **training: object) -> TrainingConfig:
    return TrainingConfig.from_mapping(
        {
            "data": {
                "folder": str(folder),
                "directions": ["xx-yy"],
                "train": [{"xx": "train.xx", "yy": "train.yy"}],
                "validation": {"xx": "held.xx", "yy": "held.yy"},
            },
            "model": {
                "vocabulary_size": 285, "embedding_width": 16, "encoder_width": 16, "decoder_width": 32,
                "readout_width": 16, "tied_embeddings": "all", "embedding_dropout": 0.1, "weight_drop": 0.1,
                "readout_dropout": 0.1,
            },
            "training": {
                "max_steps": 12, "batch_tokens": 300, "warmup_steps": 5, "schedule": "constant", "threads": 1,
                "learning_rate": 0.01, "validate_every": 4, "save_every": 5, "log_every": 3, "device": "cpu",
                "precision": "float32",
            } | training,
            "output": {"folder": str(Path(folder, output))},
        }
    )  # fmt: skip


def train(settings: TrainingConfig) -> str:
    """Run it; returns what the console showed."""
    shown = io.StringIO()
    Run(settings, Console(file=shown, width=200)).train()
    return shown.getvalue()


def assert_same(one: Path, other: Path) -> Checkpoint:
    """The checkpoints of two runs are alike to the last bit; returns the first."""
    first, second = (read_checkpoint(run / "last.safetensors") for run in (one, other))
    assert first.tensors.keys() == second.tensors.keys()
    for name, tensor in first.tensors.items():
        assert torch.equal(tensor, second.tensors[name]), name
    assert {**first.state, "config": None} == {**second.state, "config": None}
    return first
