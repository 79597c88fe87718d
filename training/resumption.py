"""What may have changed between a checkpoint and the run that goes on from it."""

import json
from collections.abc import Iterator
from dataclasses import MISSING
from typing import Any

from nmt.errors import CheckpointError
from nmt.options import Options
from training.checkpoint import Checkpoint, environment
from training.distributed import World
from training.precision import Precision

FIXED = {"model": None, "data": None, "training": ("seed", "batch_tokens", "start_from")}
"""Options that can't change while a run goes on: whole tables, or some of their keys."""
UNTOLD = {"processes": 1}
"""What was so before checkpoints told it."""


def check_resumable(checkpoint: Checkpoint, config: Options, precision: Precision, world: World) -> Iterator[str]:
    """What a person should know before a run goes on from `checkpoint`, a sentence each.

    An option that the checkpoint does not know yet counts as having had its default. Raises CheckpointError where one
    that can't change has changed, or is no longer known.
    """
    then, now, defaults = checkpoint.state["config"], config.to_mapping(), option_defaults(config)
    for table, key in _differences(then, now, defaults):
        name, is_fixed = f"{table}.{key}", table in FIXED and key in (FIXED[table] or (key,))
        was = then.get(table, {}).get(key, defaults.get(table, {}).get(key))
        if key not in now.get(table, {}):
            if is_fixed:
                raise CheckpointError(
                    f"the checkpoint was made with {name} = {was!r}, an option that this release does not know: "
                    "finish that run with the release that began it, or start anew with another output.folder"
                )
            yield f"the checkpoint was made with {name} = {was!r}, an option that this release does not know"
            continue
        given = now[table][key]
        if is_fixed:
            raise CheckpointError(
                f"the checkpoint was made with {name} = {was!r}, now it is {given!r}: "
                "go on with the old value, or start anew with another output.folder"
            )
        yield f"changed since the checkpoint: {name} is now {given!r}, it was {was!r}"
    for name, value in environment(precision, world).items():
        was = checkpoint.state["environment"].get(name, UNTOLD.get(name))
        if was != value:
            yield (
                f"the checkpoint was made with {name} {was}, this is {value}: "
                "the run goes on, but not bit for bit as it would have there"
            )


def option_defaults(config: Options) -> dict[str, dict[str, Any]]:
    """Table -> option -> its default, in the form of `to_mapping`; without those that must be given."""
    tables = {name: getattr(config, name) for name in config.__dataclass_fields__}
    return {
        name: {
            key: json.loads(json.dumps(field.default if field.default_factory is MISSING else field.default_factory()))
            for key, field in table.__dataclass_fields__.items()
            if field.default is not MISSING or field.default_factory is not MISSING
        }
        for name, table in tables.items()
        if isinstance(table, Options)
    }


def _differences(
    then: dict[str, Any], now: dict[str, Any], defaults: dict[str, dict[str, Any]]
) -> list[tuple[str, str]]:
    """(table, key) of each option whose value differs, but where files lie and go, and what `nmt prepare` compares."""
    tables = {name: None for mapping in (now, then) for name, table in mapping.items() if isinstance(table, dict)}
    found = []
    for table in tables:
        old, new = {**defaults.get(table, {}), **then.get(table, {})}, now.get(table, {})
        changed = [key for key in new if old.get(key) != new[key]]
        found += [(table, key) for key in [*changed, *(key for key in old if key not in new)]]
    places = {("data", "folder"), ("data", "prepared")}
    return [(table, key) for table, key in found if table not in ("output", "cleaning") and (table, key) not in places]
