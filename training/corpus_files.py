"""The files of one corpus: a file of lines for each language, or one file of columns."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nmt.direction import Direction, is_language_code
from nmt.errors import ConfigError, DataError
from nmt.lines import check_line_counts, count_lines, read_columns, read_parallel
from nmt.options import suggestion

Entry = Mapping[str, str | float | tuple[str, ...]]
FILE, COLUMNS, DIRECTIONS, SYNTHETIC, WEIGHT = "file", "columns", "directions", "synthetic", "weight"
MOST_WEIGHT = 1_000_000
KEYS = [FILE, COLUMNS, DIRECTIONS, SYNTHETIC, WEIGHT]


@dataclass(frozen=True)
class CorpusFiles:
    """What an entry of `data.train`, or `data.validation`, names: `key` is which one, `folder` where its files are.

    Either `{en = "train.en", de = "train.de"}`, files line by line each other's translation, or
    `{file = "pairs.tsv", columns = ["en", "de"]}`, one file of tab-separated values; a column called "" is not read,
    nor are those behind the last one named. Files may be compressed (`.gz`, `.zst`). `weight` says how often the
    examples are learnt from, compared with those of a corpus of weight 1. `directions` are those that it has examples
    of; without, every one between its languages. `synthetic` is the language of the side that no person has written,
    such as that of back-translations (Sennrich et al., 2016, "Improving neural machine translation models with
    monolingual data") and of mistakes made on purpose: what stands there alone is no word that is known.
    """

    key: str
    folder: Path
    names: Mapping[str, str]
    columns: tuple[str, ...]
    directions: tuple[Direction, ...]
    synthetic: str | None
    weight: float

    @classmethod
    def parse(cls, entry: Entry, key: str, folder: Path) -> "CorpusFiles":
        """Raises ConfigError, about `key`, for an entry that is none."""
        rest = dict(entry)
        weight = _weight(rest.pop(WEIGHT, 1.0), f"{key}.{WEIGHT}")
        directions = _directions(rest.pop(DIRECTIONS, None), f"{key}.{DIRECTIONS}")
        synthetic = _language(rest.pop(SYNTHETIC, None), f"{key}.{SYNTHETIC}")
        columns: tuple[str, ...] = ()
        if FILE in rest or COLUMNS in rest:
            columns = _columns(rest.pop(COLUMNS, ()), f"{key}.{COLUMNS}")
            if rest.keys() != {FILE}:
                raise ConfigError(key, dict(entry), '{file = "pairs.tsv", columns = ["en", "de"]} and no other file')
        for name, value in rest.items():
            if name != FILE and not is_language_code(name):
                allowed = f"a language code such as 'de', or {suggestion(name, KEYS)}"
                raise ConfigError(f"{key}.{name}", value, allowed)
            if not isinstance(value, str):
                raise ConfigError(f"{key}.{name}", value, "the name of a file")
        names = {name: str(value) for name, value in rest.items()}
        files = cls(key, folder, names, columns, directions, synthetic, weight)
        for direction in directions:
            if not files.has((direction.source, direction.target)):
                allowed = f"directions between the languages of the corpus ({', '.join(files.languages)})"
                raise ConfigError(f"{key}.{DIRECTIONS}", str(direction), allowed)
        if synthetic is not None and not files.has([synthetic]):
            raise ConfigError(f"{key}.{SYNTHETIC}", synthetic, f"one of the languages {', '.join(files.languages)}")
        return files

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(filter(None, self.columns)) if self.columns else tuple(self.names)

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(self.folder / name for name in self.names.values())

    def has(self, languages: Collection[str]) -> bool:
        return set(self.languages) >= set(languages)

    def serves(self, source: str, target: str) -> bool:
        """Whether there are examples of this direction."""
        return self.has((source, target)) and (not self.directions or Direction(source, target) in self.directions)

    def lines(self, languages: Sequence[str], *, replace: bool = False) -> Iterator[tuple[str, ...]]:
        """The texts of each line in these languages; with `replace`, what is not UTF-8 as U+FFFD.

        Raises DataError, naming the file and its key, where a file can't be read, is not UTF-8 (without `replace`), or
        has another number of lines than its partner or too few columns.
        """
        try:
            if self.columns:
                places = [self.columns.index(language) for language in languages]
                yield from read_columns(self.paths[0], places, replace=replace)
            else:
                paths = [self.folder / self.names[language] for language in languages]
                yield from read_parallel(paths, replace=replace)
        except DataError as error:
            raise self._located(error) from None

    def count(self, languages: Sequence[str]) -> int:
        """How many lines there are. Raises DataError, naming files and counts, where they differ."""
        try:
            if self.columns:
                return count_lines(self.paths[0])
            return check_line_counts([self.folder / self.names[language] for language in languages])
        except DataError as error:
            raise self._located(error) from None

    def _located(self, error: DataError) -> DataError:
        """`error`, and the key that its file was given by."""
        guilty = [name for name in self.names if str(self.folder / self.names[name]) in str(error)]
        where = f"{self.key}.{guilty[0]}" if len(guilty) == 1 else self.key
        return DataError(f"{error} (given by {where}; data.folder is {self.folder})")


def _weight(value: Any, key: str) -> float:
    if not isinstance(value, int | float) or not 0 < value <= MOST_WEIGHT:
        raise ConfigError(key, value, f"a number above 0, up to {MOST_WEIGHT:,}")
    return float(value)


def _directions(value: Any, key: str) -> tuple[Direction, ...]:
    if value is None:
        return ()
    if not isinstance(value, tuple | list) or not value:
        raise ConfigError(key, value, 'directions that the corpus is for, such as ["en-de"]')
    return tuple(Direction.parse(text, f"{key}[{place}]") for place, text in enumerate(value))


def _language(value: Any, key: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ConfigError(key, value, "a language code such as 'de'")
    return value


def _columns(value: Any, key: str) -> tuple[str, ...]:
    named = [name for name in value if name] if isinstance(value, tuple | list) else []
    if len(named) < 2 or len(set(named)) < len(named):
        raise ConfigError(key, value, 'the language of each column in order, "" for one that is not read: ["en", "de"]')
    return tuple(value)
