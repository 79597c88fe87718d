"""The README of a model folder, made from what is known of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nmt.artifact import Artifact


def model_card(name: str, artifact: Artifact, dtype: str) -> str:
    """Markdown: what the model translates, how to use it, its shape, and its provenance."""
    first = artifact.directions[0]
    parameters = sum(parameter.numel() for parameter in artifact.model.parameters())
    lines = [
        f"# {name}",
        "",
        f"A recurrent encoder-decoder with attention that translates {', '.join(map(str, artifact.directions))}.",
        "",
        f"    nmt translate --source {first.source} --target {first.target} --model {name} < in.txt > out.txt",
        "",
        f"{parameters:,} parameters, stored as {dtype}. `SHA256SUMS` can be checked with `sha256sum --check`.",
        "",
        "## Model",
        "",
        *_items({key: value for key, value in artifact.config.to_mapping().items() if value is not None}),
        "",
        "## Provenance",
        "",
        *(_items(artifact.provenance) if artifact.provenance else ["Not recorded."]),
    ]
    return "\n".join(lines) + "\n"


def _items(values: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield f"{indent}- {key}:"
            yield from _items(value, indent + "  ")
        else:
            yield f"{indent}- {key}: {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}"
