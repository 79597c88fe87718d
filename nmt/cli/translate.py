"""`nmt translate`: lines in, as many lines out."""

import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.cli.input import lines_ahead, opened_input
from nmt.cli.models import load_translator
from nmt.cli.output import opened_output
from nmt.cli.parameters import Ensemble, Source, Target, with_options
from nmt.cli.progress import progress_is_visible, with_progress
from nmt.cli.references import check_counts, nearest_ones
from nmt.cli.text import Format, Glossary, Protect, Spelling, text_options
from nmt.config import SearchOptions
from nmt.errors import ConfigError, InputError
from nmt.lines import read_lines

if TYPE_CHECKING:
    from nmt.direction import Direction
    from nmt.text.options import TextOptions
    from nmt.translation import Translation
    from nmt.translator import Translator

Input = Annotated[
    Path | None, typer.Argument(metavar="INPUT", show_default=False, help="A text file. Default: standard input.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", show_default=False, help="Default: standard output.")
]
NearestTo = Annotated[
    Path | None,
    typer.Option(
        "--nearest-to",
        metavar="FILE",
        show_default=False,
        help="References, line by line: write the one of --n-best translations that has the highest BLEU.",
    ),
]
Attention = Annotated[bool, typer.Option("--attention", help="Write JSON lines that say what each token looked at.")]


@with_options
def translate(
    target: Target,
    options: SearchOptions,
    source: Source = None,
    model: Ensemble = None,
    file: Input = None,
    output: Output = None,
    attention: Attention = False,
    nearest_to: NearestTo = None,
    format: Format = "text",
    glossary: Glossary = None,
    protect: Protect = None,
    spelling: Spelling = True,
) -> None:
    """Translate text, line by line.

    Reads UTF-8 text and writes one line for each line, in the same order; an empty line stays empty. Memory stays
    the same however long the text is.

    Examples:
      echo 'A dog runs across the grass.' | nmt translate --source en --target de
      nmt translate --source en --target de --beam-size 1 < in.txt > out.txt
      nmt translate --model runs/my-model/best --target de in.txt --output out.txt
      nmt translate --model a/best+b/best --target de in.txt     (an ensemble)
      nmt translate --source en --target de --n-best 3 in.txt   (JSON)
      nmt translate --source en --target de --attention in.txt  (JSON)
      nmt translate --source en --target de --n-best 5 --nearest-to a.de a.en
      nmt translate --source en --target de --format html < in.html > out.html
      nmt translate --source en --target de --glossary terms.tsv in.txt
      nmt translate --source en --target de --protect '#[0-9]+' in.txt
    """
    text = text_options(format, glossary, protect, spelling)
    if nearest_to is not None and options.n_best == 1:
        raise ConfigError("--n-best", 1, "2 or more with --nearest-to, which chooses one of them")
    with opened_input(file) as stream, ExitStack() as opened:
        translator = load_translator(model)
        direction = translator.check_direction(source, target)
        reader = _UntilFault(read_lines(stream, error=InputError))
        lines, texts = itertools.tee(reader)
        translations = _translations(translator, lines, direction, options, text, one_by_one=stream.isatty())
        apart = {"the input": stream, "the glossary": glossary}
        if nearest_to is not None:
            references = apart["--nearest-to"] = opened.enter_context(opened_input(nearest_to))
            check_counts(nearest_to, references, stream)
            translations = nearest_ones(
                translations, nearest_to, references, direction.target, is_cut=lambda: reader.fault is not None
            )
        if stream.isatty():
            print("Type text to translate, a line at a time; Ctrl-D ends.", file=sys.stderr)
        alternatives = options.n_best > 1 and nearest_to is None
        total = lines_ahead(stream) if progress_is_visible(output) else None
        with opened_output(output, not_to=apart) as write:
            for translation, line in zip(with_progress(translations, total, "Translating"), texts, strict=False):
                write(_line(line, translation, attention=attention, alternatives=alternatives))
        if reader.fault is not None:
            raise reader.fault


class _UntilFault:
    """Lines up to the first that can't be read: those before it are translated, then `fault` is there to be raised."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.fault: InputError | None = None

    def __iter__(self) -> Iterator[str]:
        try:
            yield from self._lines
        except InputError as fault:
            self.fault = fault


def _translations(
    translator: "Translator",
    lines: Iterable[str],
    direction: "Direction",
    options: SearchOptions,
    text: "TextOptions",
    *,
    one_by_one: bool,
) -> "Iterator[Translation]":
    """One for each line: in batches, or at once where someone types them."""
    source, target = direction.source, direction.target
    if not one_by_one:
        return translator.translate_lines(lines, source=source, target=target, options=options, text_options=text)
    return (
        translator.translate(line, source=source, target=target, options=options, text_options=text) for line in lines
    )


def _line(text: str, translation: "Translation", *, attention: bool, alternatives: bool) -> str:
    if not (attention or alternatives):
        return translation.text
    from nmt.records import translation_record

    record = translation_record(text, translation, alternatives=alternatives, attention=attention)
    return json.dumps(record, ensure_ascii=False)
