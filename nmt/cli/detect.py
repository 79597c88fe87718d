"""`nmt detect`: what language each line is in, or which other label fits it."""

import json as json_format
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.cli.input import lines_ahead, opened_input
from nmt.cli.output import opened_output
from nmt.cli.parameters import Model
from nmt.cli.progress import progress_is_visible, with_progress
from nmt.errors import InputError
from nmt.lines import read_lines

if TYPE_CHECKING:
    from nmt.identification.identifier import Detection, LanguageIdentifier

WINDOW = 1024
UNDETERMINED = "und"

Input = Annotated[
    Path | None, typer.Argument(metavar="INPUT", show_default=False, help="A text file. Default: standard input.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", show_default=False, help="Default: standard output.")
]
Among = Annotated[
    str | None, typer.Option("--among", metavar="CODE,CODE...", help="The languages that come into question.")
]
Most = Annotated[int, typer.Option("--most", min=1, help="With --json, how many languages are named for each line.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON lines with several languages.")]


def detect(
    file: Input = None,
    output: Output = None,
    among: Among = None,
    model: Model = None,
    most: Most = 5,
    json: Json = False,
) -> None:
    """Say which language each line is in.

    Writes one line for each line: the language (ISO 639-1 where it has a code there, else ISO 639-3), a tab, and the
    confidence from 0 to 1; "und" where there is no letter. With a classifier of your own (`nmt train` with
    task = "classification") it says which label fits.

    Examples:
      echo 'Guten Morgen' | nmt detect
      nmt detect --among en,de,fr < in.txt > out.tsv
      nmt detect --json in.txt
      nmt detect --model runs/sentiment/best reviews.txt
    """
    from nmt.identification.identifier import LanguageIdentifier

    with opened_input(file) as stream:
        identifier = LanguageIdentifier.load(model)
        chosen = None if among is None else _checked(among, identifier.labels)
        if stream.isatty():
            print("Type text, a line at a time; Ctrl-D ends.", file=sys.stderr)
        windows = _windows(read_lines(stream, error=InputError), 1 if stream.isatty() else WINDOW)
        found = (
            pair
            for window in windows
            for pair in zip(window, identifier.identify_batch(window, chosen, most=most), strict=True)
        )
        total = lines_ahead(stream) if progress_is_visible(output) else None
        with opened_output(output, not_to={"the input": stream}) as write:
            for text, detections in with_progress(found, total, "Detecting"):
                write(_record(identifier, text, detections) if json else _line(detections[0]))


def _checked(among: str, labels: tuple[str, ...]) -> list[str]:
    codes = [code.strip() for code in among.split(",") if code.strip()]
    unknown = [code for code in codes if code not in labels]
    if unknown or not codes:
        raise InputError(f"--among: got {unknown[0] if unknown else among!r}, expected some of {', '.join(labels)}")
    return codes


def _windows(lines: Iterable[str], size: int) -> Iterator[list[str]]:
    """`lines`, `size` at a time; those before one that can't be read are still given."""
    window: list[str] = []
    try:
        for line in lines:
            window.append(line)
            if len(window) == size:
                yield window
                window = []
    except InputError:
        yield window
        raise
    yield window


def _line(best: "Detection") -> str:
    return f"{best.language if best.confidence else UNDETERMINED}\t{best.confidence:.4f}"


def _record(identifier: "LanguageIdentifier", text: str, detections: "list[Detection]") -> str:
    languages = [{"language": one.language, "confidence": round(one.confidence, 4)} for one in detections]
    record = {"text": text, "detections": languages, "unsure": identifier.unsure(detections)}
    return json_format.dumps(record, ensure_ascii=False)
