"""The `nmt train` command."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def train(
    config: Annotated[Path, typer.Argument(help="TOML file that describes the run; recipes/ has examples")],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="options that differ from the file")
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="processes of this machine that train the model together")] = 1,
) -> None:
    """Train a model, or go on with the run that is in the output folder.

    Any key of the file can be overridden: `nmt train recipes/multi30k-en-de.toml data.folder=multi30k
    training.max_steps=1000 output.folder=runs/try`. Ctrl-C (or SIGTERM) saves and stops; the same command goes on
    from there, exactly as if it had never stopped. The best model so far is in the folder `best` of the run: translate
    with it, evaluate it, serve it.

    A file that says `task = "classification"` trains a classifier of texts, from lines of label<TAB>text, for
    `nmt detect --model`: languages, topics, moods. recipes/language-id.toml is one.

    `nmt train FILE --processes 2` trains with two processes, each on a part of every batch: the model becomes what one
    process would make it. On several machines, let torchrun start them: `torchrun --no-python ... nmt train FILE`.
    """
    from rich.console import Console

    from training.distributed import joined
    from training.launcher import launch
    from training.run import Run
    from training.tasks import load_run_config

    if processes > 1:
        command = [sys.executable, "-c", "from nmt.cli import main; main()", "train", str(config), *(overrides or [])]
        raise typer.Exit(launch(command, processes))
    with joined() as world:
        console = Console(stderr=True, quiet=not world.is_main)
        signals = Run(load_run_config(config, overrides or []), console, world).train()
    if signals.received:
        raise typer.Exit(128 + signals.received)
