"""Sub-commands that other packages add: entry points of the group `nmt.commands`, loaded when they are used."""

import ast
import importlib.util
from collections.abc import Container, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import typer

from nmt.cli.help import help_of, help_text
from nmt.errors import NmtError

GROUP = "nmt.commands"
_PASS_ON = {
    "allow_extra_args": True,
    "allow_interspersed_args": False,
    "ignore_unknown_options": True,
    "help_option_names": [],
}


def add_plugins(app: typer.Typer, taken: Container[str]) -> None:
    """Register a stand-in for each entry point, so that listing commands imports none of their packages."""
    for plugin in _plugins():
        if plugin.name not in taken:
            _add(app, plugin)


def load(plugin: EntryPoint) -> typer.Typer:
    """The plugin's own application. Raises NmtError where something that it needs is not installed."""
    try:
        command = plugin.load()
    except (ImportError, AttributeError) as error:
        raise NmtError(f"the command {plugin.name!r} can't be loaded from {plugin.value}: {error}") from error
    if isinstance(command, typer.Typer):
        return command
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
    app.command(plugin.name, help=help_of(command))(command)
    return app


def summary(plugin: EntryPoint) -> str:
    """The first paragraph of the function's docstring, read from the source without running it."""
    try:
        found = importlib.util.find_spec(plugin.module)
        assert found is not None and found.origin is not None
        tree = ast.parse(Path(found.origin).read_bytes())
    except (ImportError, AssertionError, OSError, SyntaxError):
        return f"(from {plugin.value}, which is not there)"
    documented = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == plugin.attr]
    return help_text((ast.get_docstring(documented[0] if documented else tree) or "").split("\n\n")[0])


def _plugins() -> Iterator[EntryPoint]:
    """One entry point of each name, by name: the same package may be on the path twice."""
    found = {plugin.name: plugin for plugin in entry_points(group=GROUP)}
    yield from (found[name] for name in sorted(found))


def _add(app: typer.Typer, plugin: EntryPoint) -> None:
    @app.command(plugin.name, help=summary(plugin), context_settings=dict(_PASS_ON), add_help_option=False)
    def stand_in(context: typer.Context) -> None:
        load(plugin)(args=context.args, prog_name=f"nmt {plugin.name}")
