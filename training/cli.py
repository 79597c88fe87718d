"""The commands `nmt train` and `nmt report`."""

from pathlib import Path
from typing import Annotated

import typer

from nmt.errors import TrainingError


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
    with it, evaluate it, serve it. The page report.html beside it shows how training goes.

    A file that says `task = "classification"` trains a classifier of texts, from lines of label<TAB>text, for
    `nmt detect --model`: languages, topics, moods. recipes/language-id.toml is one.
    """
    from rich.console import Console

    from training.run import Run
    from training.tasks import load_run_config

    signals = Run(load_run_config(config, overrides or []), Console(stderr=True)).train()
    if signals.received:
        raise typer.Exit(128 + signals.received)


def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN", help="folders that `nmt train` has made")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="file to write; absent: report.html in the folder of one run, "
                     "comparison.html here for several"),
    ] = None,
) -> None:  # fmt: skip
    """Show how training went, as one HTML page: curves, samples, attention, scores, configuration.

    The page needs no network and no other file. `nmt train` writes the same page into the folder of its run after each
    validation; runs that are still training can be shown too. Several runs are compared: curves in the same charts,
    the options that differ first, translations of the same sentences side by side.

    Examples:
      nmt report runs/my     (writes runs/my/report.html)
      nmt report runs/small runs/large -o sizes.html
    """
    from nmt.files import replace_file
    from training.report.page import REPORT
    from training.report.page import report as page

    path = output or (runs[0] / REPORT if len(runs) == 1 else Path("comparison.html"))
    content = page(runs)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
    except OSError as error:
        raise TrainingError(
            f"can't write the report {path}: {error.strerror}; name another file with --output"
        ) from None
    typer.echo(path)
