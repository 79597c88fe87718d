"""Options of the command line are the fields of option classes."""

from dataclasses import dataclass
from typing import Literal

import pytest
import typer

from nmt.cli.parameters import with_options
from nmt.config import SearchOptions
from nmt.errors import ConfigError
from nmt.options import Options, field_types, option


@dataclass(frozen=True, kw_only=True)
class OvenOptions(Options):
    heat: int = option(180, "degrees", minimum=50, maximum=250)
    fan_speed: float = option(0.5, "share of the highest", minimum=0)
    mode: Literal["bake", "grill"] = option("bake", "where heat comes from")
    dry: bool = option(False, "no steam")
    recipe: str | None = option(None, "name of a recipe")
    minutes: int = option(help="how long", minimum=1)

    def check(self) -> None:
        if self.dry and self.mode == "grill":
            raise ConfigError("dry", True, "false where mode = 'grill'")


@pytest.fixture
def bake():
    """Run a command with these arguments; what its function was given."""
    got: list[tuple[str, OvenOptions]] = []

    def command(cake: str, oven: OvenOptions) -> None:
        """Bake."""
        got.append((cake, oven))

    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(with_options(command))

    def bake(*arguments: object) -> tuple[str, OvenOptions]:
        got.clear()
        app(args=list(map(str, arguments)), standalone_mode=False)
        return got[0]

    return bake


def test_fields_have_their_defaults(bake) -> None:
    assert bake("plum", "--minutes", 3) == ("plum", OvenOptions(minutes=3))


def test_every_kind_of_field_can_be_given(bake) -> None:
    given = ("--heat", 200, "--fan-speed", 1, "--mode", "grill", "--recipe", "r", "--minutes", 9)
    expected = OvenOptions(heat=200, fan_speed=1.0, mode="grill", recipe="r", minutes=9)
    assert bake("plum", *given) == ("plum", expected)
    assert bake("plum", "--dry", "--minutes", 9) == ("plum", OvenOptions(dry=True, minutes=9))


@pytest.mark.parametrize(
    "wrong",
    [("--heat", 20), ("--heat", 300), ("--heat", "hot"), ("--fan-speed", -1), ("--mode", "boil"), ("--steam",), ()],
)
def test_the_range_and_kind_of_fields_are_enforced(bake, wrong, capsys) -> None:
    minutes = ("--minutes", 9) if wrong else ()
    with pytest.raises(Exception) as refused:  # noqa: PT011 (typer's own class moves between its versions)
        bake("plum", *minutes, *wrong)
    assert type(refused.value).__name__ in {"BadParameter", "NoSuchOption", "MissingParameter"}


def test_contradictions_name_the_option_as_it_is_typed(bake) -> None:
    with pytest.raises(ConfigError, match="--dry: got True, expected false where mode = 'grill'"):
        bake("plum", "--minutes", 9, "--dry", "--mode", "grill")


def test_help_teaches_every_field_of_the_search(run) -> None:
    words = " ".join(run("translate", "--help").out.replace("│", " ").split())
    for name in field_types(SearchOptions):
        field = SearchOptions.__dataclass_fields__[name]
        assert "--" + name.replace("_", "-") in words
        assert field.metadata["help"].split()[-1] in words


def test_contradictory_search_options_are_one_line(run) -> None:
    result = run("translate", "--target", "de", "--n-best", 9)
    assert (result.status, result.err) == (2, "nmt: error: --n-best: got 9, expected at most beam_size (5)\n")
