"""From corpora to a folder of text to train on: everything that `nmt augment` does, in order."""

import json
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from itertools import chain
from pathlib import Path
from typing import Any

import nmt
from nmt.direction import LANGUAGE_CODE
from nmt.errors import ConfigError, DataError
from nmt.files import replace_file, replace_folder
from training.augmentation.config import AugmentationConfig, LanguagePair
from training.augmentation.corpora import Bitexts, HeldOut, oriented, read_bitexts
from training.augmentation.development import hold_out
from training.augmentation.pivot import join
from training.augmentation.product import Made, is_made, make
from training.lock import LOCK, locked
from training.workers import workers

REPORT = "report.json"
DEVELOPMENT = "development"

Say = Callable[[str], None]


def augment(config: AugmentationConfig, say: Say = lambda line: None) -> list[Made]:
    """Write all files to `config.output.folder`; `say` gets a line for each step.

    OUT/aa-bb/NAME.aa and .bb are line by line each other's translation, OUT/development/sentences.xx are sentences held
    out in all languages (where there are three or more), OUT/report.json says what was made, and how. No line of the
    former, compared without case and punctuation, is among the latter or in `corpora.held_out`. The same configuration
    and corpora give the same bytes, however many processes there are.

    Raises DataError for a corpus that can't be read or gives no pairs and an output that can't be written, ConfigError
    for an output folder that holds something else.
    """
    folder = config.output.path
    try:
        _check_ours(folder)
    except OSError as error:
        raise DataError(f"can't read {folder}: {error.strerror}") from None
    held_out = HeldOut.read(config.corpora.held_out_paths)
    bitexts = read_bitexts(config.corpora.train_paths, held_out)
    for languages, pairs in bitexts.items():
        if not pairs:
            raise DataError(f"corpora.train has no {'-'.join(languages)} pair that is not empty or held out")
        say(f"{'-'.join(languages)}: {len(pairs):,} pairs read")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            return _augment(folder, bitexts, held_out, config, say)
    except OSError as error:
        raise DataError(f"can't write {error.filename or folder}: {error.strerror or error}") from None


def _augment(folder: Path, bitexts: Bitexts, held_out: HeldOut, config: AugmentationConfig, say: Say) -> list[Made]:
    bitexts, development = hold_out(bitexts, config.pivot.language, config.pivot.development, config.seed)
    lines = {language: len(sentences) for language, sentences in development.items()}
    _write_report(folder / REPORT, config, [], lines)
    if any(lines.values()):
        say(f"held out for validation, in all languages at once: {max(lines.values()):,} sentences")
        replace_folder(
            folder / DEVELOPMENT, {f"sentences.{code}": _bytes(found) for code, found in development.items()}
        )
    else:
        shutil.rmtree(folder / DEVELOPMENT, ignore_errors=True)
    for language, sentences in development.items():
        for sentence in sentences:
            held_out.add(language, sentence)
    bitexts |= _joined(bitexts, config, say)
    _remove_others(folder, bitexts)
    made = []
    for one in _made(bitexts, held_out, config):
        say(f"{one.name}: {sum(one.lines.values()):,} lines written")
        made.append(one)
    made.sort(key=lambda one: one.languages)
    _write_report(folder / REPORT, config, made, lines)
    return made


def _joined(bitexts: Bitexts, config: AugmentationConfig, say: Say) -> Bitexts:
    """Those pairs of languages that have no corpus, and have each one with the pivot."""
    pivot = config.pivot.language
    others = sorted({language for pair in bitexts if pivot in pair for language in pair} - {pivot})
    joined: Bitexts = {}
    for index, first in enumerate(others):
        for second in others[index + 1 :]:
            if (first, second) not in bitexts:
                ours, theirs = (oriented(bitexts, pivot, language) for language in (first, second))
                joined[first, second] = join(ours, theirs, (first, second), config.pivot)
                say(f"{first}-{second}: {len(joined[first, second]):,} pairs joined through {pivot}")
    return joined


def _made(bitexts: Bitexts, held_out: HeldOut, config: AugmentationConfig) -> Iterator[Made]:
    """Each pair of languages as it is done: the largest ones first, several at a time."""
    tasks: list[LanguagePair] = sorted(bitexts, key=lambda languages: (-len(bitexts[languages]), languages))
    if config.processes == 1:
        yield from (make(languages, bitexts[languages], held_out, config) for languages in tasks)
        return
    with workers(config.processes, option="processes=1") as pool:
        futures = [pool.submit(make, languages, bitexts[languages], held_out, config) for languages in tasks]
        for future in as_completed(futures):
            yield future.result()


def _check_ours(folder: Path) -> None:
    """Raises ConfigError where there is something that an earlier run has not written."""
    if not folder.exists():
        return
    if not _is_report(folder / REPORT) and (not folder.is_dir() or any(path.name != LOCK for path in folder.iterdir())):
        raise ConfigError(
            "output.folder", str(folder), "a new folder, an empty one, or one that this command has written"
        )
    texts = (path for path in folder.glob("*-*/*") if not is_made(path.name, path.parent.name))
    sentences = (
        path for path in folder.glob(f"{DEVELOPMENT}/*") if not re.fullmatch(rf"sentences\.{LANGUAGE_CODE}", path.name)
    )
    for path in chain(texts, sentences):
        allowed = f"a folder without {path.relative_to(folder)}, which this command has not written"
        raise ConfigError("output.folder", str(folder), allowed)


def _is_report(path: Path) -> bool:
    """Whether the file is one that `_write_report` has written."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.keys() >= {"nmt", "complete", "configuration", DEVELOPMENT, "lines"}


def _remove_others(folder: Path, languages: Collection[LanguagePair]) -> None:
    """Remove what an earlier run made of other pairs of languages."""
    for path in folder.glob("*-*/"):
        first, _, second = path.name.partition("-")
        if first < second and (first, second) not in languages and (path / f"clean.{first}").is_file():
            shutil.rmtree(path)


def _bytes(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _write_report(path: Path, config: AugmentationConfig, made: Sequence[Made], development: Mapping[str, int]) -> None:
    settings = config.to_mapping()
    del settings["processes"]
    report: dict[str, Any] = {
        "nmt": nmt.__version__,
        "complete": bool(made),
        "configuration": settings,
        DEVELOPMENT: dict(development),
        "lines": {one.name: dict(one.lines) for one in made},
        "left_out_as_held_out": {one.name: one.left_out for one in made},
    }
    replace_file(path, (json.dumps(report, indent=2, ensure_ascii=False) + "\n").encode())
