"""The `nmt` command: its sub-commands, and how errors reach the user."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

import nmt
from nmt.cli.detect import detect
from nmt.cli.evaluate import evaluate
from nmt.cli.export import export
from nmt.cli.help import help_of
from nmt.cli.info import info
from nmt.cli.plugins import add_plugins
from nmt.cli.score import score
from nmt.cli.translate import translate
from nmt.errors import NmtError

MISTAKE = 2
COMMANDS: dict[str, Callable[..., None]] = {
    "translate": translate,
    "detect": detect,
    "score": score,
    "evaluate": evaluate,
    "info": info,
    "export": export,
}


def build() -> typer.Typer:
    """The application with its own sub-commands and those of installed packages."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)
    app.callback(help=help_of(_nmt))(_nmt)
    for name, command in COMMANDS.items():
        app.command(name, help=help_of(command))(command)
    add_plugins(app, taken=COMMANDS)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, by default the process's own; ends in SystemExit.

    A mistake of the user's is one line on standard error and status 2. Any other exception is a bug of ours: it keeps
    its trace.
    """
    try:
        build()(args=arguments, prog_name="nmt")
    except NmtError as error:
        print("nmt: error:", " ".join(str(error).splitlines()), file=sys.stderr)
        sys.exit(MISTAKE)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"nmt {nmt.__version__}")
        raise typer.Exit


def _nmt(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Neural machine translation with attention, on your own machine.

    Examples:
      echo 'Good morning.' | nmt translate --source en --target de
      nmt evaluate test.en test.de --source en --target de
      nmt COMMAND --help     (more on a command, with examples)
    """
