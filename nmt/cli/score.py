"""`nmt score`: how likely a model finds given translations."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.cli.models import load_translator
from nmt.cli.output import opened_output
from nmt.cli.parameters import Ensemble, Source, Target
from nmt.cli.progress import progress_is_visible, with_progress
from nmt.errors import InputError
from nmt.lines import check_line_counts, read_parallel

if TYPE_CHECKING:
    from nmt.direction import Direction
    from nmt.translation import Segment
    from nmt.translator import Translator

PAIRS_AT_ONCE = 1024
CHARACTERS_AT_ONCE = 100_000


def score(
    source_file: Annotated[Path, typer.Argument(metavar="SOURCE", help="Text, a sentence in each line.")],
    target_file: Annotated[Path, typer.Argument(metavar="TARGET", help="Its translations, line by line.")],
    target: Target,
    source: Source = None,
    model: Ensemble = None,
    attention: Annotated[
        bool, typer.Option("--attention", help="Write JSON lines that say what each token looked at.")
    ] = False,
) -> None:
    """Score given translations: log p(target | source) of each pair of lines.

    Writes a line for each pair: the natural logarithm of the translation's probability, a tab, and the same per
    target token (end symbol included). Nearer to 0 is more likely.

    Examples:
      nmt score in.txt out.txt --source en --target de
      nmt score in.txt out.txt --source en --target de --attention
    """
    count = check_line_counts([source_file, target_file], error=InputError)
    translator = load_translator(model)
    direction = translator.check_direction(source, target)
    scored = _scored(translator, read_parallel([source_file, target_file], error=InputError), direction)
    with opened_output(None) as write:
        for text, translation, segment in with_progress(
            scored, count if progress_is_visible(None) else None, "Scoring"
        ):
            write(_record(text, translation, segment) if attention else _numbers(segment))


def _scored(
    translator: "Translator", pairs: Iterator[tuple[str, ...]], direction: "Direction"
) -> "Iterator[tuple[str, str, Segment]]":
    """Each pair with its segment; raises InputError with the number of a faulty pair, after those before it."""
    done = 0
    for window in _windows(pairs):
        try:
            segments = iter(_segments(translator, window, direction))
        except InputError:
            segments = _one_by_one(translator, window, direction, first=done + 1)
        for (source, target), segment in zip(window, segments, strict=True):
            yield source, target, segment
        done += len(window)


def _windows(pairs: Iterable[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
    """Pairs in a row, up to PAIRS_AT_ONCE, or fewer where these are long: their attention grows with the square."""
    window: list[tuple[str, ...]] = []
    characters = 0
    for pair in pairs:
        window.append(pair)
        characters += sum(map(len, pair))
        if len(window) == PAIRS_AT_ONCE or characters >= CHARACTERS_AT_ONCE:
            yield window
            window, characters = [], 0
    if window:
        yield window


def _segments(translator: "Translator", pairs: Sequence[tuple[str, ...]], direction: "Direction") -> "list[Segment]":
    sources, targets = zip(*pairs, strict=True)
    return translator.score(sources, targets, source=direction.source, target=direction.target)


def _one_by_one(
    translator: "Translator", pairs: Sequence[tuple[str, ...]], direction: "Direction", first: int
) -> "Iterator[Segment]":
    for number, pair in enumerate(pairs, first):
        try:
            yield from _segments(translator, [pair], direction)
        except InputError as error:
            raise InputError(f"line {number}: {error}") from None


def _numbers(segment: "Segment") -> str:
    tokens = len(segment.token_log_probabilities)
    return f"{segment.log_probability:.6f}\t{segment.log_probability / tokens:.6f}"


def _record(text: str, translation: str, segment: "Segment") -> str:
    from nmt.records import segment_records

    record = {"q": text, "translatedText": translation, "segments": segment_records([segment], attention=True)}
    return json.dumps(record, ensure_ascii=False)
