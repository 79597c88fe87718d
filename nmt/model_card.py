"""The README of a model folder, made from what is known of the model."""

from collections.abc import Iterator, Mapping
from typing import Any


def model_card(name: str, header: Mapping[str, Any], parameters: int, provenance: Mapping[str, Any]) -> str:
    """Markdown: what the model translates, how to use it, its shape, and its provenance.

    `header` is what `config.json` says of `model`, `directions` and `dtype`.
    """
    directions = header["directions"]
    first, served = directions[0], ", ".join(f"{d['source']}-{d['target']}" for d in directions)
    lines = [
        f"# {name}",
        "",
        f"A recurrent encoder-decoder with attention that translates {served}.",
        "",
        f"    nmt translate --source {first['source']} --target {first['target']} --model {name} < in.txt > out.txt",
        "",
        f"{parameters:,} parameters, stored as {header['dtype']}. `sha256sum --check SHA256SUMS` checks it.",
        "",
        "## Model",
        "",
        *_items({key: value for key, value in header["model"].items() if value is not None}),
        "",
        "## Provenance",
        "",
        *(_items(provenance) if provenance else ["Not recorded."]),
    ]
    return "\n".join(lines) + "\n"


def _items(values: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield f"{indent}- {key}:"
            yield from _items(value, indent + "  ")
        else:
            yield f"{indent}- {key}: {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}"
