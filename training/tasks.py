"""The tasks that there are: the one place where they are chosen, by what the configuration says."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from nmt.errors import ConfigError
from training.classification.config import ClassificationConfig
from training.classification.task import ClassificationTask
from training.config import TrainingConfig
from training.config_file import load_tables
from training.start import with_shape
from training.task import Task
from training.translation import TranslationTask

RunConfig: TypeAlias = TrainingConfig | ClassificationConfig


def load_run_config(path: Path, overrides: Sequence[str] = ()) -> RunConfig:
    """The run that the TOML file describes; its key `task` says what is trained, "translation" where there is none.

    Raises what `load_tables` and `with_shape` raise, and ConfigError for a key that is unknown, out of range, or
    contradicts another.
    """
    tables = load_tables(path, overrides)
    task = tables.pop("task", "translation")
    if task == "classification":
        return ClassificationConfig.from_mapping(tables)
    if task == "translation":
        return TrainingConfig.from_mapping(with_shape(tables))
    raise ConfigError("task", task, "'translation' or 'classification'")


def build_task(config: RunConfig) -> Task:
    return ClassificationTask(config) if isinstance(config, ClassificationConfig) else TranslationTask(config)
