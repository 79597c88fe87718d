"""`nmt evaluate`: how good the translations of models, or of anything else, are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nmt.cli.output import opened_output
from nmt.cli.parameters import Source, with_options
from nmt.cli.systems import EvaluationSet, Model, check_names, check_served, chosen, named, read_hypotheses, read_sets
from nmt.config import EvaluationOptions, SearchOptions
from nmt.direction import is_language_code
from nmt.errors import InputError

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="SOURCE REFERENCE",
        help="Test sets: pairs of text files, line by line. May be left out where there is a challenge.",
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="[NAME=]FOLDER[+FOLDER...]",
        help="A model, or an ensemble; may be given several times. Default: the bundled one.",
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
TrainingText = Annotated[
    list[Path] | None,
    typer.Option(
        "--training-text",
        metavar="FILE",
        help="Training text of the target language, for results by how rare words are; may be given several times.",
    ),
]
Challenge = Annotated[
    list[Path] | None,
    typer.Option(
        "--challenge",
        metavar="FILE",
        help="Cases for the models, in TOML, or a folder of such files; may be given several times. --source and "
        "--target choose among them.",
    ),
]
Html = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        help="Also write a page that sets the systems side by side, sentence by "
        "sentence. It is one file, to be opened in a browser.",
    ),
]
Sentences = Annotated[
    bool, typer.Option("--sentences", help="With --json: also each sentence's translations and chrF.")
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON for scripts instead of tables.")]


@with_options
def evaluate(
    evaluation: EvaluationOptions,
    search: SearchOptions,
    files: Files = None,
    source: Source = None,
    target: Language = None,
    model: Models = None,
    hypotheses: Hypotheses = None,
    baseline: Baseline = None,
    training_text: TrainingText = None,
    challenge: Challenge = None,
    html: Html = None,
    sentences: Sentences = False,
    json: Json = False,
) -> None:
    """Measure translation quality: BLEU, chrF and TER, where it is good and where it is not.

    Translates test sets with models, or takes translations that are there already, and compares them with references
    by sacreBLEU, on detokenised text; signatures say how. Several systems are compared with the baseline by the
    paired bootstrap: * marks p < 0.05. A second table has the scores by sentence length; with --training-text a third
    one says how well words are translated that the training text often, seldom or never has.

    --challenge puts hand-written cases to the models and says which categories they pass. A case is a line of TOML
    under its category, such as negation, in a file that says source = "en" and target = "de" at its top:

      negation = [
        { text = "I don't know.", accept = ["Ich weiß (es|das|) nicht."] },
        { text = "Nobody came.", match = ['niemand|keiner'], reject = ['nicht'] },
      ]

    Examples:
      nmt evaluate test.en test.de --source en --target de
      nmt evaluate test.en test.de --target de --model a/best --model b/best
      nmt evaluate a.en a.de --hypotheses 1.de --hypotheses 2.de --html page.html
      nmt evaluate a.en a.de b.en b.de --hypotheses X=xa.de --hypotheses X=xb.de
      nmt evaluate a.en a.de --source en --target de --training-text train.de
      nmt evaluate --challenge cases.toml --model a/best --model b/best
      nmt evaluate test.en test.de --source en --target de --json > scores.json
    """
    if not files and not challenge:
        raise InputError("nothing to evaluate: name a test set, SOURCE REFERENCE, or cases, --challenge FILE")
    sets = read_sets(files) if files else []
    if hypotheses and not sets:
        raise InputError("--hypotheses are translations of test sets: name SOURCE REFERENCE")
    if search.n_best > 1:
        raise InputError("--n-best: `nmt evaluate` looks at the best translation alone; `nmt translate` writes several")
    if sentences and not json:
        raise InputError("--sentences is for --json; --html FILE shows sentences to people")
    finished = read_hypotheses(hypotheses or [], sets)
    to_translate = sets if model or not finished else []
    bundled = [("bundled", None)] if to_translate or challenge else []
    models: Sequence[tuple[str, Path | None]] = named(model) if model else bundled
    names = [*(name for name, _ in models), *(system.name for system in finished)]
    check_names(names)
    compared = names if to_translate or not sets else [system.name for system in finished]
    _check(sets, to_translate, compared, source=source, target=target, baseline=baseline, training_text=training_text)

    from nmt.cli.challenges import ChallengeReport
    from nmt.cli.comparison import check_page, write_page
    from nmt.cli.measuring import counted, measured
    from nmt.cli.reports import Report
    from nmt.evaluation.case_files import case_files, read_cases

    files_of_cases = case_files(challenge or [])
    if html is not None:
        given = [Path(output.origin) for system in finished for output in system.outputs]
        check_page(html, [*(files or []), *given, *(training_text or []), *files_of_cases])
    cases = chosen([case for path in files_of_cases for case in read_cases(path)], source, target)
    counts = counted(training_text, evaluation, target) if training_text else None
    loaded = [Model.load(name, folder) for name, folder in models]
    if cases:
        check_served(loaded, cases)
    directed = [
        (one, one.translator.check_direction(source, target)) for one in loaded if to_translate and target is not None
    ]
    systems = [one.translate(to_translate, direction, search) for one, direction in directed] + finished
    systems.sort(key=lambda system: system.name != baseline)
    by_sentence = sentences or html is not None
    taken = {one.name: one.take(cases, search) for one in loaded} if cases else {}
    report = Report(
        measured(sets, systems, evaluation, target=target, counts=counts, sentences=by_sentence),
        ChallengeReport(tuple(challenge or ()), taken) if cases else None,
        evaluation,
        search if loaded else None,
        (directed[0][1].source, directed[0][1].target) if directed else (source, target),
    )
    try:
        with opened_output(None) as write:
            for line in [report.json(sentences=sentences)] if json else report.tables():
                write(line)
    finally:
        if html is not None:
            write_page(html, report)


def _check(
    sets: Sequence[EvaluationSet],
    to_translate: Sequence[EvaluationSet],
    names: Sequence[str],
    *,
    source: str | None,
    target: str | None,
    baseline: str | None,
    training_text: Sequence[Path] | None,
) -> None:
    """Find what can't go together before anything is loaded."""
    for flag, code in (("--source", source), ("--target", target)):
        if code is not None and not is_language_code(code):
            raise InputError(f"{flag}: got {code!r}, expected a language code of two or three letters, such as 'de'")
    if source is not None and source == target:
        raise InputError(f"--target: got {target!r}, expected another language than that of --source")
    if baseline is not None and baseline not in names:
        raise InputError(f"--baseline: got {baseline!r}, expected one of {', '.join(names)}")
    if to_translate and target is None:
        raise InputError("--target is missing: a model has to know which language to translate to")
    if training_text and not sets:
        raise InputError("--training-text says how rare the words of test sets are: name SOURCE REFERENCE")
