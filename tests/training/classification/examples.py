"""A classification that is small enough for a test: two made-up languages and one of digits."""

import io
import random
from pathlib import Path
from typing import Any

from rich.console import Console

from training.classification.config import ClassificationConfig
from training.run import Run

SYLLABLES = {"aa": ("ba", "da", "ga", "ma"), "bb": ("ko", "lo", "po", "to"), "cc": ("12", "34", "56", "78")}


def lines(label: str, count: int, seed: int = 1) -> list[str]:
    generator = random.Random(f"{label} {seed}")

    def word() -> str:
        return "".join(generator.choices(SYLLABLES[label], k=generator.randint(1, 3)))

    return [" ".join(word() for _ in range(generator.randint(2, 6))).capitalize() + "." for _ in range(count)]


def write_corpus(folder: Path) -> None:
    """`train.tsv` with labels `aa` and `bb`, mixed, and `cc.txt` with `cc` alone."""
    mixed = [f"{label}\t{line}" for label in ("aa", "bb") for line in lines(label, 80 if label == "aa" else 40)]
    random.Random(1).shuffle(mixed)
    (folder / "train.tsv").write_text("\n".join(mixed) + "\n", encoding="utf-8")
    (folder / "cc.txt").write_text("\n".join(lines("cc", 30)) + "\n", encoding="utf-8")


def config(folder: Path, output: str = "run", data: dict[str, Any] | None = None, **training: object) -> Any:
    return ClassificationConfig.from_mapping(
        {
            "data": {
                "folder": str(folder),
                "train": [{"file": "train.tsv"}, {"file": "cc.txt", "label": "cc"}],
                "held_out": 0.1, "words": 0.3, "snippets": 0.2, "lower_case": 0.2, "split_pieces": 0.1,
                "temper": 0.5, "rare_words": 0.1,
            } | (data or {}),
            "model": {"vocabulary_size": 290, "embedding_width": 8, "encoder_width": 8, "embedding_dropout": 0.1},
            "training": {
                "max_steps": 12, "batch_tokens": 300, "warmup_steps": 5, "schedule": "constant", "threads": 1,
                "learning_rate": 0.02, "validate_every": 4, "save_every": 5, "log_every": 3, "device": "cpu",
                "precision": "float32",
            } | training,
            "output": {"folder": str(folder / output)},
        }
    )  # fmt: skip


def train(settings: ClassificationConfig) -> str:
    """Run it; returns what the console showed."""
    shown = io.StringIO()
    Run(settings, Console(file=shown, width=200)).train()
    return shown.getvalue()
