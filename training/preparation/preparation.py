"""`nmt prepare`: text files to a folder of shards, taken up where it was interrupted."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from nmt.errors import ArtifactError, ConfigError, DamagedError, DataError
from nmt.files import replace_file
from nmt.identification.identifier import LanguageIdentifier
from nmt.tokenizer import SentencePieceTokenizer
from training.config import TrainingConfig
from training.encoding import KEPT, RULES, Pair, chunks
from training.held_out import held_out_pairs
from training.lock import locked
from training.preparation.cleaning import Cleaner
from training.preparation.duplicates import SeenHashes
from training.preparation.manifest import (
    MANIFEST,
    REPORT,
    TOKENIZER,
    Manifest,
    Part,
    held_out_stamps_of,
    read_manifest,
    recipe_of,
    stamps_of,
)
from training.preparation.prepared import check_folder, needs
from training.preparation.report import report_markdown, report_table
from training.preparation.worker import Recipe, outcomes
from training.preparation.writing import HASHES, PartWriter, is_written_by_us, read_hashes
from training.vocabulary import Row, language_pairs, make_tokenizer, target_tags

SUSPICIOUS = 0.02
"""From which share of pairs with characters that are not valid on a file may be in another encoding."""


@dataclass
class Preparation:
    """The folder `data.prepared` of a configuration is being made: shards one after the other, each recorded in the
    manifest once it is whole. Only where `anew` is true are shards replaced that were made from something else."""

    config: TrainingConfig
    console: Console
    processes: int = 1
    anew: bool = False
    seen: SeenHashes = field(init=False)

    def __post_init__(self) -> None:
        self.seen = SeenHashes(self.config.cleaning.remembered_pairs)

    @property
    def folder(self) -> Path:
        if self.config.data.prepared_path is None:
            raise ConfigError("data.prepared", None, "the folder to write, such as 'prepared/my-corpora'")
        return self.config.data.prepared_path

    def run(self) -> None:
        """Make it whole, from where it is.

        Raises DataError where something is wrong with the files, or the folder was made from something else,
        ConfigError for a folder that is not one of these; both stay as they are.
        """
        try:
            self._check_ours()
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder):
                self._run()
        except OSError as error:
            allowed = f"a folder that can be written ({error.strerror})"
            raise ConfigError("data.prepared", str(self.folder), allowed) from error

    def _run(self) -> None:
        manifest = self._begun()
        if manifest is not None and self._is_finished(manifest):
            self._remove_hashes()
            self._say(f"{self.folder} is prepared already")
            return
        if manifest is None:
            manifest = self._begin()
        with self._bar() as bar:
            task = bar.add_task("preparing", total=sum(part.total for part in manifest.parts), rate="")

            def advance(lines: int) -> None:
                speed = bar.tasks[0].speed
                bar.update(task, advance=lines, rate="" if speed is None else f"{speed:,.0f} lines/s")

            advance(sum(part.lines for part in manifest.parts))
            for part in manifest.parts:
                if not part.is_complete:
                    self._prepare(manifest, part, advance)
        self._finish(manifest)

    def _begun(self) -> Manifest | None:
        """The manifest of an earlier start, if that can be gone on with, or has come to its end.

        Raises DataError where it was made from something else, and is not to be replaced.
        """
        manifest = read_manifest(self.folder)
        if manifest is None or (self.anew and manifest.is_complete):
            return None
        change = next(self._changes(manifest), None)
        if change is not None and any(part.shards for part in manifest.parts) and not self.anew:
            raise DataError(
                f"data.prepared: {self.folder} holds what was prepared otherwise: {change}. Undo that, name another "
                "folder, or replace it with --anew"
            )
        if change is not None:
            self._say(f"starting anew: {change}")
            return None
        try:
            with self.console.status("checking what is there"):
                check_folder(self.folder, manifest)
                if not manifest.is_complete:
                    self._say(f"going on in {self.folder}")
                    self._remember(manifest)
            return manifest
        except DamagedError as error:
            self._say(f"starting anew: {error}")
            return None

    def _changes(self, manifest: Manifest) -> Iterator[str]:
        """Why what is there is not what is asked for, in a few words each."""
        yield from manifest.changes(self.config)
        if not manifest.leaves_out(self.config):
            yield "data.validation is not what it was"
        with suppress(FileNotFoundError, ArtifactError):
            yield from needs(self.config.data, SentencePieceTokenizer(self._tokenizer()))

    def _is_finished(self, manifest: Manifest) -> bool:
        return manifest.is_complete and (self.folder / REPORT).exists()

    def _remember(self, manifest: Manifest) -> None:
        """The hashes of the pairs that are in shards already."""
        if self.config.cleaning.duplicates:
            for part in manifest.parts:
                for entry in part.shards:
                    self.seen.add(read_hashes(self.folder, entry))

    def _begin(self) -> Manifest:
        """Put manifest and tokenizer into the folder in place of all that an earlier preparation left.

        Until the manifest is replaced, the earlier one says that the folder is ours.
        """
        data = self.config.data
        with self.console.status("reading the files"):
            stamps, held_out = stamps_of(self.config), held_out_stamps_of(self.config)
            parts = [
                Part(index, languages, corpus.count(languages))
                for index, corpus in enumerate(data.corpora)
                for languages in language_pairs(data, corpus)
            ]
        with self.console.status("learning the vocabulary"):
            tokenizer = make_tokenizer(self.config, self._clean)
            target_tags(data, tokenizer)
        for path in self.folder.iterdir():
            if (path.name in (TOKENIZER, REPORT) or is_written_by_us(path)) and not path.is_dir():
                path.unlink()
        digest = hashlib.sha256(tokenizer.serialized).hexdigest()
        manifest = Manifest(recipe_of(self.config), stamps, digest, parts, held_out)
        manifest.write(self.folder)
        replace_file(self.folder / TOKENIZER, tokenizer.serialized)
        return manifest

    def _check_ours(self) -> None:
        if not (self.folder / MANIFEST).exists() and any(self.folder.glob("[!.]*")):
            allowed = "a new folder, an empty one, or one that `nmt prepare` has written"
            raise ConfigError("data.prepared", str(self.folder), allowed)

    def _clean(self, languages: Sequence[str], rows: Sequence[Row]) -> list[Row]:
        """The rows whose texts go together with the first one by all rules that need no pieces."""
        options = self.config.cleaning
        identifier = LanguageIdentifier.load() if options.language_confidence < 1 else None
        verdicts_N = np.full(len(rows), KEPT, np.int8)
        for place, language in enumerate(languages[1:], start=1):
            pair = (languages[0], language)
            cleaner = Cleaner(pair, options, identifier, self._held_out(pair))
            found_N = cleaner.judge([(row[0], row[place]) for row in rows])
            verdicts_N = np.where(verdicts_N == KEPT, found_N, verdicts_N)
        kept = np.flatnonzero(verdicts_N == KEPT).tolist()
        if not kept:
            counts = Counter(RULES[verdict] for verdict in verdicts_N.tolist())
            found = ", ".join(f"{rule} {count:,}" for rule, count in counts.most_common())
            self._say(f"{' '.join(languages)}: of {len(rows):,} rows looked at, left out as {found}")
        return [rows[index] for index in kept]

    def _held_out(self, languages: tuple[str, str]) -> frozenset[Pair]:
        """What is not to be learnt from."""
        return held_out_pairs(self.config.data, languages) if self.config.cleaning.held_out else frozenset()

    def _prepare(self, manifest: Manifest, part: Part, advance: Callable[[int], object]) -> None:
        """Add the shards of `part` that are still missing."""
        config = self.config
        corpus = config.data.corpora[part.corpus]
        lines = corpus.lines(part.languages, replace=config.cleaning.invalid_characters)
        held_out = self._held_out(part.languages)
        recipe = Recipe(
            self._tokenizer(), part.languages, corpus.directions, config.data.max_length, config.cleaning, held_out
        )
        writer = PartWriter(self.folder, manifest, part, self.seen if config.cleaning.duplicates else None)
        with outcomes(recipe, chunks(lines, skip=part.lines), self.processes) as found:
            for outcome in found:
                writer.add(outcome)
                advance(len(outcome.chunk.pairs))
        writer.finish()

    def _finish(self, manifest: Manifest) -> None:
        """Write and show the report; remove what only an unfinished preparation needs."""
        parts, notes = manifest.parts, []
        if not sum(part.kept for part in parts):
            self.console.print(report_table(parts))
            raise DataError("data.train leaves nothing to learn from: see [cleaning] and data.max_length")
        cleaning = self.config.cleaning
        if cleaning.duplicates and sum(part.kept for part in parts) >= cleaning.remembered_pairs:
            notes.append(
                f"Duplicates were recognised of the first {cleaning.remembered_pairs:,} pairs "
                "(cleaning.remembered_pairs)."
            )
        notes += map(_note, (part for part in parts if part.invalid_share > SUSPICIOUS))
        replace_file(self.folder / REPORT, report_markdown(parts, notes).encode())
        self._remove_hashes()
        self.console.print(report_table(parts))
        for line in (*notes, f"prepared: {self.folder}; samples of what was left out: {self.folder / REPORT}"):
            self._say(line)

    def _remove_hashes(self) -> None:
        for path in self.folder.glob(f"*{HASHES}"):
            if is_written_by_us(path):
                path.unlink()

    def _tokenizer(self) -> bytes:
        return (self.folder / TOKENIZER).read_bytes()

    def _bar(self) -> Progress:
        counts = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
        )
        return Progress(*counts, TimeRemainingColumn(), console=self.console, transient=True,
                        disable=not self.console.is_terminal)  # fmt: skip

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)


def _note(part: Part) -> str:
    return (
        f"{part.key}: {part.invalid_share:.0%} of its pairs were left out for characters that are not valid. "
        "If a file is in another encoding, make it UTF-8: iconv -f LATIN1 -t UTF-8"
    )
