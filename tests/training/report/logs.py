"""Made-up runs for the report: a folder with a log and a configuration."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ATTENTION = {"source": ["Ein", "Hund"], "target": ["A", "dog"], "weights": [[0.9, 0.1], [0.0, 0.875]]}


def trained(step: int, **fields: object) -> dict[str, Any]:
    figures = {"loss": 9.0 / step, "nll": 8.0 / step, "gradient_norm": 1.0, "learning_rate": 0.1, "tokens_per_s": 50.0}
    norms = {"encoder.layers.0": 0.6, "decoder.attention": 0.8}
    return {"event": "train", "step": step, "target_tokens": 100 * step, **figures, "gradient_norms": norms} | fields


def validated(step: int, translation: str = "A dog", is_best: bool = True, **fields: object) -> dict[str, Any]:
    sample = {"direction": "de-en", "source": "Ein Hund", "reference": "A dog", "translation": translation}
    return {
        "event": "validation", "step": step, "target_tokens": 100 * step, "nll": 3.0, "bleu": 20.0 + step,
        "bleu_by_direction": {"de-en": 20.0 + step}, "signatures": {"de-en": "tok:13a"},
        "samples": [sample | {"attention": [ATTENTION]}], "best": is_best,
    } | fields  # fmt: skip


def stopped(step: int, reason: str = "the planned length is reached") -> dict[str, Any]:
    return {"event": "stop", "step": step, "target_tokens": 100 * step, "reason": reason}


WHOLE: Sequence[Mapping[str, Any]] = (
    trained(1), trained(2), validated(2, "A cat"), trained(3), trained(4), validated(4), stopped(4)
)  # fmt: skip


def write_run(folder: Path, lines: Iterable[Mapping[str, Any]] = WHOLE, config: object = None) -> Path:
    """A run's folder with this log; the configuration is a small one where none is given."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "log.jsonl").write_text(text, encoding="utf-8")
    default = {"data": {"validation": {"de": "v.de", "en": "v.en"}}, "training": {"seed": 1}}
    (folder / "config.json").write_text(json.dumps(default if config is None else config), encoding="utf-8")
    return folder
