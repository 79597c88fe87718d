"""`nmt evaluate`: how good the translations of models, or of anything else, are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nmt.cli.output import opened_output
from nmt.cli.parameters import Source, with_options
from nmt.cli.systems import Model, check_names, named, read_hypotheses, read_sets
from nmt.config import EvaluationOptions, SearchOptions
from nmt.errors import InputError

Files = Annotated[
    list[Path], typer.Argument(metavar="SOURCE REFERENCE...", help="Test sets: pairs of text files, line by line.")
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model", metavar="[NAME=]FOLDER", help="A model; may be given several times. Default: the bundled one."
    ),
]
Hypotheses = Annotated[
    list[str] | None,
    typer.Option(
        "--hypotheses",
        metavar="[NAME=]FILE",
        help="Finished translations; may be given several times. For several test sets, one file for each, in order, "
        "all with the same NAME.",
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option("--baseline", metavar="NAME", help="The system that others are compared with. Default: the first."),
]
Language = Annotated[
    str | None, typer.Option("--target", metavar="CODE", help="Language to translate to; needed to run a model.")
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON for scripts instead of tables.")]


@with_options
def evaluate(
    files: Files,
    evaluation: EvaluationOptions,
    search: SearchOptions,
    source: Source = None,
    target: Language = None,
    model: Models = None,
    hypotheses: Hypotheses = None,
    baseline: Baseline = None,
    json: Json = False,
) -> None:
    """Measure translation quality: BLEU, chrF and TER.

    Translates test sets with models, or takes translations that are there already, and compares them with references
    by sacreBLEU, on detokenised text; signatures say how. Several systems are compared with the baseline by the
    paired bootstrap: * marks p < 0.05.

    Examples:
      nmt evaluate test.en test.de --source en --target de
      nmt evaluate test.en test.de --target de --model runs/a --model runs/b
      nmt evaluate test.en test.de --hypotheses mine.de --hypotheses theirs.de
      nmt evaluate a.en a.de b.en b.de --hypotheses X=xa.de --hypotheses X=xb.de
      nmt evaluate test.en test.de --target de --beam-size 1 --json > scores.json
    """
    sets = read_sets(files)
    finished = read_hypotheses(hypotheses or [], sets)
    models: Sequence[tuple[str, Path | None]] = named(model or []) if model or finished else [("bundled", None)]
    names = [*(name for name, _ in models), *(system.name for system in finished)]
    check_names(names)
    if baseline is not None and baseline not in names:
        raise InputError(f"--baseline: got {baseline!r}, expected one of {', '.join(names)}")

    from nmt.cli.reports import Report

    ready = _loaded(models, source, target)
    systems = [one.translate(sets, search) for one in ready] + finished
    systems.sort(key=lambda system: system.name != baseline)
    languages = (ready[0].direction.source, ready[0].direction.target) if ready else (source, target)
    report = Report.of(sets, systems, evaluation, search=search if ready else None, languages=languages)
    with opened_output(None) as write:
        for line in [report.json()] if json else report.tables():
            write(line)


def _loaded(models: Sequence[tuple[str, Path | None]], source: str | None, target: str | None) -> list[Model]:
    """All models, before the first of them translates: a mistake in the last one is found at once."""
    if not models:
        return []
    if target is None:
        raise InputError("--target is missing: a model has to know which language to translate to")
    return [Model.load(name, folder, source, target) for name, folder in models]
