"""The commands `nmt train`, `nmt prepare` and `nmt report`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from nmt.errors import ConfigError, TrainingError

LAUNCHED = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "from training.launcher import end_with_launcher; end_with_launcher(); from nmt.cli import main; main()"
)
"""Until a run heeds it, Ctrl-C ends a process without a word: what started it tells of that."""


def train(
    config: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="TOML file that describes the run; recipes/ has examples")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help="options that differ from the file")
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="processes of this machine that train the model together")] = 1,
    options: Annotated[
        bool, typer.Option("--options", help="list all options (of a classifier where FILE is one), and train nothing")
    ] = False,
) -> None:
    """Train a model, or go on with the run that is in the output folder.

    Any key of the file can be overridden: `nmt train recipes/multi30k-en-de.toml data.folder=multi30k
    training.max_steps=1000 output.folder=runs/try`. `nmt train --options` lists them all.

    Ctrl-C (or SIGTERM) saves and stops; the same command goes on from there, exactly as if it had never stopped. The
    best model so far is in the folder `best` of the run: translate with it, evaluate it, serve it. The page report.html
    beside it shows how training goes.

    A file that says `task = "classification"` trains a classifier of texts, from lines of label<TAB>text, for
    `nmt detect --model`: languages, topics, moods. recipes/language-id.toml is one.

    `nmt train FILE --processes 2` trains with two processes, each on a part of every batch: the model becomes what one
    process would make it. On several machines, let torchrun start them: `torchrun --no-python ... nmt train FILE`.
    """
    from training.config import TrainingConfig
    from training.console import error_console
    from training.distributed import joined
    from training.launcher import launch
    from training.listing import listing
    from training.run import Run
    from training.tasks import load_run_config

    if options:
        described = TrainingConfig if config is None else type(load_run_config(config, overrides or []))
        typer.echo("\n".join(listing(described)).strip())
        return
    if config is None:
        raise ConfigError("FILE", None, "a TOML file that describes the run, such as recipes/multi30k-en-de.toml")
    if processes > 1:
        command = [sys.executable, "-P", "-c", LAUNCHED, "train", str(config), *(overrides or [])]
        raise typer.Exit(launch(command, processes))
    with joined() as world:
        console = error_console(quiet=not world.is_main)
        signals = Run(load_run_config(config, overrides or []), console, world).train()
    if signals.received:
        raise typer.Exit(128 + signals.received)


def prepare(
    config: Annotated[
        Path, typer.Argument(metavar="FILE", help="TOML file that describes the run, the one for `nmt train`")
    ],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help="options that differ from the file")
    ] = None,
    processes: Annotated[
        int, typer.Option(min=0, help="processes that clean and tokenize; 0: one for each processor")
    ] = 0,
    anew: Annotated[
        bool, typer.Option("--anew", help="replace what the folder holds, also where it was made from other options")
    ] = False,
) -> None:
    """Clean and tokenize corpora once, so that training starts at once and holds little memory however large they are.

    The recipe names the folder, `prepared = "FOLDER"` in [data]; [cleaning] says what is left out. Then train with it:
    `nmt prepare my.toml && nmt train my.toml`.

    A report tells how many pairs each rule left out, with samples in FOLDER/report.md. Interrupted and run again, it
    goes on after the last shard that was written; what was prepared from other options or files is kept, unless --anew
    is given. Files may be compressed (.gz, .zst), or hold columns:
    `nmt prepare my.toml 'data.train=[{file="pairs.tsv.zst", columns=["en", "de"]}]' data.prepared=prepared/pairs`.
    """
    from nmt.processors import available_processors
    from training.config import TrainingConfig
    from training.console import error_console
    from training.preparation.preparation import Preparation
    from training.stopping import ended_by_signals
    from training.tasks import load_run_config

    found = load_run_config(config, overrides or [])
    if not isinstance(found, TrainingConfig):
        raise ConfigError("task", "classification", "'translation': `nmt prepare` is for parallel corpora")
    console = error_console()
    try:
        with ended_by_signals():
            Preparation(found, console, processes or available_processors(), anew).run()
    except SystemExit:
        console.print("interrupted; run the same command again to go on")
        raise


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
    from training.run_folder import RunFolder

    path = output or (runs[0] / REPORT if len(runs) == 1 else Path("comparison.html"))
    for run in runs:
        RunFolder(run).check_no_part(path)
    if path.is_dir():
        raise TrainingError(f"can't write the report {path}: it is a folder; name a file with --output")
    content = page(runs)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
    except OSError as error:
        raise TrainingError(
            f"can't write the report {path}: {error.strerror}; name another file with --output"
        ) from None
    typer.echo(path)
