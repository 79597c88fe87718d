"""A comparison from beginning to end, on a corpus to copy; what is done is not done again."""

import io
import json
from pathlib import Path
from typing import cast

import pytest
import quality
from rich.console import Console

from nmt.errors import NmtError
from tests.training.runs import write_corpus

RECIPE = """
[data]
directions = ["xx-yy"]
train = [{ xx = "train.xx", yy = "train.yy" }]
validation = { xx = "val.xx", yy = "val.yy" }
[model]
vocabulary_size = 285
embedding_width = 16
encoder_width = 8
decoder_width = 16
[training]
max_target_tokens = 600
batch_tokens = 300
validate_every = 3
log_every = 1
threads = 1
device = "cpu"
"""
SMALL = ["transformer.width=16", "transformer.inner_width=16", "transformer.heads=2", "training.warmup_steps=2"]


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    write_corpus(tmp_path)
    for language in ("xx", "yy"):
        lines = (tmp_path / f"held.{language}").read_text(encoding="utf-8").splitlines(keepends=True)
        for name in ("val", "test"):
            (tmp_path / f"{name}.{language}").write_text("".join(lines[:4]), encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    files = [str(tmp_path), "--recipe", str(tmp_path / "recipe.toml"), "--output", str(tmp_path / "runs")]
    return [*files, "--test", "test", "--seeds", "5", "--transformer", *SMALL]


def compared(arguments: list[str]) -> tuple[dict[str, object], str]:
    shown = io.StringIO()
    return quality.compare(quality.parse(arguments), Console(file=shown)), shown.getvalue()


def test_runs_are_compared_and_not_done_again(arguments: list[str]) -> None:
    report, shown = compared(arguments)
    assert all(f"{name}, seed 5" in shown for name in ("ours", "Transformer"))
    table = "\n".join(quality.tables(report))
    assert "| Transformer | " in table and "Transformer against ours, BLEU: " in table
    for asked in Path(arguments[0]).glob("runs/*/.asked.json"):
        tables = json.loads(asked.read_text(encoding="utf-8"))
        del tables["training"]["max_epochs"]  # as if it had come later
        asked.write_text(json.dumps(tables), encoding="utf-8")
    again, shown = compared([*arguments, "--candidate", "wide", "model.decoder_width=20"])
    assert "wide, seed 5" in shown and "ours" not in shown and "Transformer" not in shown
    assert again["test"] == report["test"]
    for name in ("test.xx", "test.yy"):
        path = Path(arguments[0]) / name
        path.write_text("\n".join(path.read_text(encoding="utf-8").split("\n")[::-1][1:]) + "\n", encoding="utf-8")
    other, _ = compared(arguments)
    assert other["test"]["ours"]["chrF"]["scores"] == pytest.approx(report["test"]["ours"]["chrF"]["scores"]), (
        "the sentences are translated again, since they are others"
    )
    with pytest.raises(NmtError, match="other options"):
        compared([*arguments, "--common", "training.batch_tokens=299"])
    (Path(arguments[0]) / "train.xx").write_text("ab\n" * 200, encoding="utf-8")
    with pytest.raises(NmtError, match=r"other text .*train\.xx has changed"):
        compared(arguments)
    (Path(arguments[0]) / "train.xx").unlink()
    without, _ = compared(arguments)
    assert without["test"] == other["test"]


def test_the_loss_is_that_of_the_model_that_validates_best(arguments: list[str]) -> None:
    report, _ = compared([*arguments, "--only", "ours"])
    log = (Path(arguments[0]) / "runs" / "ours-seed5" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    validations = [line for line in map(json.loads, log) if line["event"] == "validation"]
    best = max(line["bleu"] for line in validations)
    systems = cast(dict[str, dict[str, float]], report["systems"])
    assert systems["ours"]["nll"] in [line["nll"] for line in validations if line["bleu"] == best]
    assert f" | {systems['ours']['nll']:.3f} | " in "\n".join(quality.tables(report))


def test_names_are_checked_before_anything_is_trained(arguments: list[str]) -> None:
    for wrong in (["--only", "theirs"], ["--candidate", "ours", "training.r_drop=1"], ["--candidate", "a/b"]):
        with pytest.raises(NmtError, match=r"expected some of|names that differ"):
            compared([*arguments, *wrong])
