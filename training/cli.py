"""The `nmt train` command."""

from pathlib import Path
from typing import Annotated

import typer


def train(
    config: Annotated[Path, typer.Argument(help="TOML file that describes the run; recipes/ has examples")],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="options that differ from the file")
    ] = None,
) -> None:
    """Train a model, or go on with the run that is in the output folder.

    Any key of the file can be overridden: `nmt train recipes/multi30k-en-de.toml data.folder=multi30k
    training.max_steps=1000 output.folder=runs/try`. Ctrl-C (or SIGTERM) saves and stops; the same command goes on
    from there, exactly as if it had never stopped. The best model so far is in the folder `best` of the run: translate
    with it, evaluate it, serve it.

    A file that says `task = "classification"` trains a classifier of texts, from lines of label<TAB>text, for
    `nmt detect --model`: languages, topics, moods. recipes/language-id.toml is one.
    """
    from rich.console import Console

    from training.run import Run
    from training.tasks import load_run_config

    signals = Run(load_run_config(config, overrides or []), Console(stderr=True)).train()
    if signals.received:
        raise typer.Exit(128 + signals.received)
