"""The listing of options is a file that says what is so without it."""

import tomllib

import pytest

from nmt.options import Options
from training.augmentation.config import AugmentationConfig
from training.classification.config import ClassificationConfig
from training.config import OptimizationConfig, TrainingConfig
from training.listing import listing


def test_what_it_lists_are_the_defaults() -> None:
    assert (
        OptimizationConfig.from_mapping(tomllib.loads("\n".join(listing(OptimizationConfig)))) == OptimizationConfig()
    )


@pytest.mark.parametrize("options", [TrainingConfig, ClassificationConfig, AugmentationConfig])
def test_every_table_is_toml(options: type[Options]) -> None:
    lines = list(listing(options))
    assert set(tomllib.loads("\n".join(lines))) <= set(options.__dataclass_fields__)
    assert all(line.startswith(("#", "[")) or " = " in line or not line for line in lines)


def test_an_option_says_what_it_is_and_what_it_may_be() -> None:
    text = "\n".join(listing(TrainingConfig))
    assert "# hypotheses kept at each step; 1 is greedy; 1 to 64\nbeam_size = 1\n" in text
    assert "# directions = (has to be given)" in text and "# prepared = (absent)" in text
    assert "# how the learning rate falls over the run; one of 'constant', 'inverse_sqrt', 'linear', 'cosine'\n" in text
