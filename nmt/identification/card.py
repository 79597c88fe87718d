"""The README of a classifier's folder, made from what is known of it."""

import json
from collections.abc import Mapping
from typing import Any


def classifier_card(name: str, described: Mapping[str, Any], parameters: int) -> str:
    """Markdown: the labels, how to use it, its shape, and its provenance; `described` is `config.json`."""
    labels, shape = described["labels"], {**described["model"], "temperature": described["temperature"]}
    provenance = json.dumps(described["provenance"], indent=2, ensure_ascii=False)
    lines = [
        f"# {name}",
        "",
        f"A recurrent classifier of texts with {len(labels)} labels: {', '.join(labels)}.",
        "",
        f"    nmt detect --model {name} < in.txt",
        "",
        f"{parameters:,} parameters, stored as {described['dtype']}. `sha256sum --check SHA256SUMS` checks it.",
        "",
        "## Model",
        "",
        *(f"- {key}: {value}" for key, value in shape.items()),
        "",
        "## Provenance",
        "",
        *(f"    {line}" for line in provenance.splitlines()),
    ]
    return "\n".join(lines) + "\n"
