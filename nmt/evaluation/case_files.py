r"""Files of challenge cases: TOML that people write by hand.

source = "en"
target = "de"

# One case in a line, under its category ...
negation = [
  { text = "I don't know.", accept = ["Ich weiß (es|das|) nicht."] },
]

# ... or one in a block of its own.
[[numbers]]
text = "It costs 3.50 euros."
match = ['\b3,50?\b']   # regular expressions that ignore case; (?-i:Euro) doesn't
comment = "a decimal comma in German"

# Texts that are translations of one another are a case for every direction between their languages: the first
# text of each language, with the first choice of each bracket, is what is asked, and all are right answers. `ask` puts
# other texts in its place, and leaves out the languages that it doesn't have. With `any_answer = true` only the
# other checks, `contains` and `warned`, count.
[[questions]]
en = ["Where are you from?"]
fr = ["D'où (viens-tu|venez-vous) ?"]

[[typos]]
en = ["I know."]
de = ["Ich weiß (es|das|)."]
ask = { en = "I konw." }
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

from nmt.direction import Direction, is_language_code
from nmt.errors import ConfigError, InputError
from nmt.evaluation.answers import answers_of, first_answer
from nmt.evaluation.cases import Case

CHECKS = ("accept", "contains", "match", "reject", "warned")
_KEYS = ("text", "source", "target", *CHECKS, "comment")
_OF_SEVERAL = ("ask", "any_answer", "contains", "warned", "comment")


def case_files(paths: Iterable[Path]) -> list[Path]:
    """The files that `paths` name, and the .toml files of the folders among them, in order of their names; each once.

    Raises InputError for a folder that has none.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        if not files:
            raise InputError(f"{path} has no .toml file with cases")
        for file in files:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def read_cases(path: Path) -> list[Case]:
    """The cases of a file, or of each .toml file of a folder, in the order of their names.

    Raises InputError, naming the file, the line and the key, for what is no case.
    """
    return [case for file in case_files([path]) for case in _read_file(file)]


def _read_file(path: Path) -> list[Case]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        tables = tomllib.loads(text)
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8: {error.reason} at byte {error.start + 1}") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: {error}") from None
    return list(_File(path, tables, _places(text)).cases())


class _File:
    """What stands in a file, and the lines where its cases begin."""

    def __init__(self, path: Path, tables: Mapping[str, Any], lines: Mapping[str, Sequence[int]]) -> None:
        self._path, self._lines = path, lines
        self._languages = {key: tables[key] for key in ("source", "target") if key in tables}
        self._categories = {key: value for key, value in tables.items() if key not in self._languages}

    def cases(self) -> Iterator[Case]:
        if not self._categories:
            raise InputError(f"{self._path}: no cases; expected tables such as [[negation]] with a text")
        for category, tables in self._categories.items():
            if not tables or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
                raise InputError(f"{self._path}: {category}: got {tables!r}, expected cases, as in [[{category}]]")
            lines = self._lines.get(category, ())
            for index, table in enumerate(tables):
                known = len(lines) == len(tables)
                yield from self._read(category, table, f"line {lines[index]}" if known else f"case {index + 1}")

    def _read(self, category: str, table: Mapping[str, Any], where: str) -> list[Case]:
        place = f"{self._path.name}, {where}"
        try:
            if "text" in table or not any(_is_language(key) for key in table):
                return [_directed(category, {**self._languages, **table}, place)]
            return list(_parallel(category, table, place))
        except ConfigError as error:
            raise InputError(f"{self._path}, {where}, {category}: {error}") from None


def _directed(category: str, table: Mapping[str, Any], place: str) -> Case:
    _refuse_unknown(table, _KEYS)
    if not any(check in table for check in CHECKS):
        raise ConfigError("accept", None, f"at least one of {', '.join(CHECKS)}")
    direction = Direction(_text(table, "source"), _text(table, "target"))
    accept = _texts(table, "accept")
    return Case(
        category,
        direction,
        _text(table, "text"),
        accept=_answers("accept", accept),
        contains=_texts(table, "contains"),
        match=_patterns(table, "match"),
        reject=_patterns(table, "reject"),
        warned=_flag(table, "warned"),
        comment=_text(table, "comment", ""),
        expected=" / ".join(accept),
        place=place,
    )


def _parallel(category: str, table: Mapping[str, Any], place: str) -> Iterator[Case]:
    """A case for each direction between the languages of `table`."""
    languages = [key for key in table if _is_language(key)]
    _refuse_unknown(table, (*languages, *_OF_SEVERAL))
    if len(languages) < 2:
        raise ConfigError(languages[0], table[languages[0]], "texts in a second language beside it")
    if _flag(table, "any_answer") and "contains" not in table and "warned" not in table:
        raise ConfigError("any_answer", True, "contains or warned beside it, or no answer could be wrong")
    texts = {language: _texts(table, language) for language in languages}
    answers = {language: _answers(language, texts[language]) for language in languages}
    asked = _asked(table, texts)
    for source, target in permutations(languages, 2):
        if source not in asked:
            continue
        yield Case(
            category,
            Direction(source, target),
            asked[source],
            accept=frozenset() if _flag(table, "any_answer") else answers[target],
            contains=_texts(table, "contains"),
            warned=_flag(table, "warned"),
            comment=_text(table, "comment", ""),
            expected=" / ".join(texts[target]),
            place=place,
        )


def _asked(table: Mapping[str, Any], texts: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Language -> the text in it that is to be translated."""
    if "ask" not in table:
        return {language: first_answer(alternatives[0]) for language, alternatives in texts.items()}
    given = table["ask"]
    if not isinstance(given, dict) or not given:
        raise ConfigError("ask", given, "a table with a text for each language that is to be translated from")
    _refuse_unknown(given, tuple(texts))
    return {language: _text(given, language) for language in given}


def _is_language(key: str) -> bool:
    return key not in (*_KEYS, *_OF_SEVERAL) and is_language_code(key)


def _refuse_unknown(table: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            raise ConfigError(key, table[key], f"one of the keys {', '.join(known)}")


def _text(table: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise ConfigError(key, value, "a text")
    return value


def _texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    one_or_more = [value] if isinstance(value, str) else value
    if not isinstance(one_or_more, list) or not all(isinstance(text, str) and text for text in one_or_more):
        raise ConfigError(key, value, "a text or a list of texts")
    if key in table and not one_or_more:
        raise ConfigError(key, value, "at least one text")
    return tuple(one_or_more)


def _answers(key: str, templates: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for template in templates:
        try:
            found |= answers_of(template)
        except ValueError as error:
            raise ConfigError(key, template, f"brackets with choices, such as (a|b): {error}") from None
    return frozenset(found)


def _patterns(table: Mapping[str, Any], key: str) -> tuple[re.Pattern[str], ...]:
    compiled = []
    for pattern in _texts(table, key):
        try:
            compiled.append(re.compile(pattern, re.IGNORECASE))
        except re.error as error:
            raise ConfigError(key, pattern, f"a regular expression: {error}") from None
    return tuple(compiled)


def _flag(table: Mapping[str, Any], key: str) -> bool | None:
    value = table.get(key)
    if value is not None and not isinstance(value, bool):
        raise ConfigError(key, value, "true or false")
    return value


def _places(text: str) -> dict[str, list[int]]:
    """Category -> the lines where its cases begin: `[[category]]`, or `{` in the list `category = [`."""
    found: dict[str, list[int]] = {}
    category = ""
    for number, line in enumerate(text.splitlines(), 1):
        if block := re.match(r"""\s*\[\[\s*["']?([^\]"']+?)["']?\s*\]\]""", line):
            found.setdefault(block[1], []).append(number)
        elif started := re.match(r"""\s*["']?([\w -]+?)["']?\s*=\s*\[""", line):
            category = started[1]
        elif line.lstrip().startswith("{"):
            found.setdefault(category, []).append(number)
    return found
