"""All options of a run as a TOML file, for people to read and to copy from."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field
from typing import Any, Literal, get_origin

from nmt.options import Options, describe_type, field_types


def listing(options: type[Options]) -> Iterator[str]:
    """Lines: each option with its default, behind what it means; in a comment where there is no value to write."""
    tables: list[str] = []
    for name, kind in field_types(options).items():
        field = options.__dataclass_fields__[name]
        if isinstance(kind, type) and issubclass(kind, Options):
            tables += ("", f"[{name}]", *listing(kind))
            continue
        yield f"# {'; '.join([field.metadata['help'], *_allowed(kind, field.metadata)])}"
        yield _assignment(name, field)
    yield from tables


def _allowed(kind: Any, metadata: Mapping[str, Any]) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield describe_type(kind)
    least, most = metadata.get("minimum"), metadata.get("maximum")
    if least is not None:
        yield f"{least:g} or more" if most is None else f"{least:g} to {most:g}"


def _assignment(name: str, field: Field[Any]) -> str:
    """TOML writes text, numbers, truth and lists of them as JSON does; it has nothing that says "none"."""
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    if default is None or (default is MISSING and "absent" in field.metadata["help"]):
        return f"# {name} = (absent)"
    return f"# {name} = (has to be given)" if default is MISSING else f"{name} = {json.dumps(default)}"
