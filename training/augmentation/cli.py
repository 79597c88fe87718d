"""The `nmt augment` command."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

    from training.augmentation.product import Made


def augment(
    config: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="TOML file that describes what to make; recipes/ has an example"),
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help="options that differ from the file")
    ] = None,
    options: Annotated[bool, typer.Option("--options", help="list all options, and make nothing")] = False,
) -> None:
    """Make more text to train on from parallel corpora.

    Pairs of languages that share no corpus are joined through a third language. For each pair of languages there will
    be, besides its sentences: the short ones among them, examples of several sentences, words and phrases with their
    translations, sources as people type them, and, between English, German, French and Spanish, other names and
    numbers. All is plain text, line by line each other's translation, in OUT/aa-bb/NAME.aa and OUT/aa-bb/NAME.bb;
    OUT/report.json says what was made. What is held out never comes in. The same seed gives the same files, to the
    byte.

    Any key of the file can be overridden: `nmt augment recipes/tatoeba-12-data.toml corpora.folder=path/to/corpora
    output.folder=path/to/out noise.typos=0.1 seed=2`. `nmt augment --options` lists them all.
    """
    from rich.console import Console

    from training.augmentation.augmentation import augment as make_all
    from training.augmentation.config import AugmentationConfig, load_augmentation
    from training.listing import listing

    if options:
        typer.echo("\n".join(listing(AugmentationConfig)).strip())
        return
    if config is None:
        raise ConfigError("FILE", None, "a TOML file that describes what to make, such as recipes/tatoeba-12-data.toml")
    console = Console(stderr=True)
    wanted = load_augmentation(config, overrides or [])
    with console.status("reading the corpora") as status:

        def say(line: str) -> None:
            console.print(line, highlight=False, markup=False, soft_wrap=True)
            status.update("making what is left")

        made = make_all(wanted, say)
    console.print(_table(made))
    console.print(f"written to {wanted.output.folder}", highlight=False, markup=False, soft_wrap=True)


def _table(made: Sequence["Made"]) -> "Table":
    from rich.table import Table

    table = Table("file", *(one.name for one in made), title="lines")
    for column in table.columns[1:]:
        column.justify = "right"
    for name in dict.fromkeys(chain.from_iterable(map(_rows, made))):
        table.add_row(name, *(_lines(one, name) for one in made))
    table.add_row("left out as held out", *(f"{one.left_out:,}" for one in made))
    return table


def _rows(made: "Made") -> Iterator[str]:
    """The names of the files, those that are for one direction as `from first` and `from second`."""
    for name in made.lines:
        yield name.replace(f"from-{made.languages[0]}", "from first").replace(
            f"from-{made.languages[1]}", "from second"
        )


def _lines(made: "Made", row: str) -> str:
    name = row.replace("from first", f"from-{made.languages[0]}").replace("from second", f"from-{made.languages[1]}")
    return f"{made.lines[name]:,}" if name in made.lines else "-"
