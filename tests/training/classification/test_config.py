"""What contradicts itself is refused; the recipe that comes along is sound."""

from pathlib import Path

import pytest

from nmt.errors import ConfigError
from training.classification.config import ClassificationConfig, LabelledDataConfig
from training.tasks import load_run_config

FILES = [{"file": "a.tsv"}]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"train": []}, "train"),
        ({"train": FILES, "words": 0.6, "snippets": 0.6}, "snippets"),
        ({"train": FILES, "lower_case": 0.6, "upper_case": 0.6}, "lower_case"),
        ({"train": FILES, "labels": "languages!"}, "labels"),
        ({"train": [{"name": "a.tsv"}]}, r"train\[0\]\.name"),
        ({}, "train"),
    ],
)
def test_contradictions_are_named(options: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError, match=f"^data.{key}: got"):
        LabelledDataConfig.from_mapping(options, "data")


def test_the_recipe_is_sound() -> None:
    found = load_run_config(Path(__file__).parents[3] / "recipes" / "language-id.toml")
    assert isinstance(found, ClassificationConfig)
    learnt, left_out = ({one.file for one in files} for files in (found.data.train, found.data.exclude))
    assert not learnt & left_out and all("train" in name for name in learnt)
    assert all("test" in name or "dev" in name for name in left_out)
