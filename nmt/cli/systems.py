"""What `nmt evaluate` compares: test sets, and the translations that systems give of them."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nmt.cli.models import load_translator, members
from nmt.cli.progress import progress_is_visible, with_progress
from nmt.config import SearchOptions
from nmt.errors import InputError
from nmt.lines import check_line_counts, read_lines

if TYPE_CHECKING:
    from nmt.direction import Direction
    from nmt.evaluation.cases import Case
    from nmt.evaluation.challenge import ChallengeResult
    from nmt.translator import Translator


@dataclass(frozen=True)
class EvaluationSet:
    """Source sentences and their reference translations, line by line."""

    name: str
    source_file: Path
    reference_file: Path
    sources: tuple[str, ...]
    references: tuple[str, ...]


@dataclass(frozen=True)
class Output:
    """A system's translations of one set; `seconds` that making them took, None where they were read from `origin`."""

    texts: tuple[str, ...]
    origin: str
    seconds: float | None = None


@dataclass(frozen=True)
class System:
    """Something that translated every set, in their order."""

    name: str
    outputs: tuple[Output, ...]


@dataclass(frozen=True)
class Model:
    """A model that is loaded."""

    name: str
    origin: str
    translator: "Translator"

    @classmethod
    def load(cls, name: str, folder: Path | None) -> "Model":
        """Raises ArtifactError for the folder; None: the bundled model."""
        translator = load_translator(folder)
        return cls(name, str(folder or translator.name), translator)

    def translate(self, sets: Sequence[EvaluationSet], direction: "Direction", search: SearchOptions) -> System:
        """The system that this model is."""
        return System(self.name, tuple(self._translate(one, direction, search) for one in sets))

    def _translate(self, one: EvaluationSet, direction: "Direction", search: SearchOptions) -> Output:
        start = time.perf_counter()
        found = self.translator.translate_lines(
            one.sources, source=direction.source, target=direction.target, options=search
        )
        total = len(one.sources) if progress_is_visible(None) else None
        texts = tuple(translation.text for translation in with_progress(found, total, f"{self.name}: {one.name}"))
        return Output(texts, self.origin, time.perf_counter() - start)

    def take(self, cases: Sequence["Case"], search: SearchOptions) -> "ChallengeResult":
        """How this model does on the cases whose directions it serves."""
        from nmt.evaluation.challenge import result, served, take

        total = len(served(self.translator, cases)) if progress_is_visible(None) else None
        verdicts = take(self.translator, cases, search)
        return result(cases, with_progress(verdicts, total, f"{self.name}: challenge"))


def chosen(cases: Sequence["Case"], source: str | None, target: str | None) -> list["Case"]:
    """The cases of these languages, where they are given. Raises InputError where there are others alone."""
    found = [
        case for case in cases if source in (None, case.direction.source) and target in (None, case.direction.target)
    ]
    if cases and not found:
        there = ", ".join(sorted({str(case.direction) for case in cases}))
        raise InputError(f"--challenge: no case is from {source or 'any'} to {target or 'any'}; there are {there}")
    return found


def check_served(models: Sequence[Model], cases: Sequence["Case"]) -> None:
    """Raise InputError where none of the models can be asked any of the cases."""
    from nmt.evaluation.challenge import served

    if any(served(model.translator, cases) for model in models):
        return
    wanted = ", ".join(sorted({str(case.direction) for case in cases}))
    found = "; ".join(f"{model.name}: {', '.join(map(str, model.translator.directions))}" for model in models)
    raise InputError(f"--challenge: the cases are in {wanted}, which no model serves ({found})")


def read_sets(files: Sequence[Path]) -> list[EvaluationSet]:
    """Test sets from SOURCE REFERENCE [SOURCE REFERENCE ...].

    Raises InputError where a file has no partner, can't be read, is empty, or has another number of lines.
    """
    if not files or len(files) % 2:
        raise InputError(f"test sets are pairs of files, SOURCE REFERENCE: got {len(files)}")
    pairs = list(zip(files[::2], files[1::2], strict=True))
    for pair in pairs:
        if check_line_counts(pair, error=InputError) == 0:
            raise InputError(f"{pair[0]} and {pair[1]} are empty: there is nothing to evaluate")
    names = _shortest([(reference.stem, str(reference)) for _, reference in pairs])
    sets = [
        EvaluationSet(name, source, reference, _read(source), _read(reference))
        for name, (source, reference) in zip(names, pairs, strict=True)
    ]
    for one in sets:
        _tell_of_empty_references(one)
    return sets


def _tell_of_empty_references(one: EvaluationSet) -> None:
    empty = [number for number, text in enumerate(one.references, 1) if not text.strip()]
    if empty:
        told = f"{len(empty):,} of {len(one.references):,} references are empty, the first in line {empty[0]:,}"
        typer.echo(f"{one.reference_file}: {told}; whatever is translated there counts as wrong", err=True)


def read_hypotheses(arguments: Sequence[str], sets: Sequence[EvaluationSet]) -> list[System]:
    """Systems from [NAME=]FILE: files of one NAME are one system's, in the order of the sets.

    Raises InputError where a system has not one file for each set, each with a line for each line of the set.
    """
    files: dict[str, list[Path]] = {}
    for name, path in named(arguments):
        files.setdefault(name, []).append(path)
    for name, paths in files.items():
        if len(paths) != len(sets):
            raise InputError(
                f"{name}: got {len(paths)}, expected {len(sets)} files of translations, one for each test set, "
                f"in order; files of one system have one name, as in --hypotheses {name.partition('.')[0]}=FILE"
            )
        for path, one in zip(paths, sets, strict=True):
            check_line_counts([path, one.reference_file], error=InputError)
    return [System(name, tuple(Output(_read(path), str(path)) for path in paths)) for name, paths in files.items()]


def named(arguments: Sequence[str]) -> list[tuple[str, Path]]:
    """Names and paths of [NAME=]PATH; without a name, as little of the path as tells it from the others."""
    split = [_split(argument) for argument in arguments]
    names = _shortest([(name or _short(path), name or str(path)) for name, path in split])
    return [(name, path) for name, (_, path) in zip(names, split, strict=True)]


def _short(path: Path) -> str:
    """The last part of the path; of an ensemble, that of each member."""
    return "+".join(Path(member).absolute().name for member in members(path))


def check_names(names: Iterable[str]) -> None:
    """Raise InputError where two systems are called the same."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"two systems are called {name}: name one of them, as in --model NAME=FOLDER")
        seen.add(name)


def _split(argument: str) -> tuple[str | None, Path]:
    name, equals, path = argument.partition("=")
    if not (name and equals and path) or Path(argument).exists():
        return None, Path(argument)
    return name, Path(path)


def _shortest(names: Sequence[tuple[str, str]]) -> list[str]:
    """The short name of each (short, long) pair, or the long one where the short one is another's too."""
    short = [pair[0] for pair in names]
    return [pair[0] if short.count(pair[0]) == 1 else pair[1] for pair in names]


def _read(path: Path) -> tuple[str, ...]:
    return tuple(read_lines(path, error=InputError))
