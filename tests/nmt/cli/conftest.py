"""The command line in this process, and a translator that shouts."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nmt.translator
from nmt.cli import main
from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.errors import ArtifactError, DirectionError, InputError
from nmt.text.options import TextOptions
from nmt.translation import Segment, Token, Translation

LONGEST = 40


@dataclass(frozen=True)
class Result:
    """What a run of the command left behind."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.split("\n")[:-1]


Run = Callable[..., Result]


class Stdin(io.BytesIO):
    name = "<stdin>"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run `nmt` with these arguments and this standard input."""

    def run(*arguments: object, given: str | bytes = b"") -> Result:
        written = given.encode() if isinstance(given, str) else given
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Stdin(written)))
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        sys.stdout.flush()
        found = capfd.readouterr()
        return Result(int(ended.value.code or 0), found.out, found.err)

    return run


PLAIN = TextOptions()


class Shouter:
    """Translates into capitals; the n-th best has n - 1 exclamation marks more."""

    name = "shouter"
    directions = (Direction("en", "de"), Direction("en", "fr"), Direction("de", "fr"))

    def __init__(self) -> None:
        self.windows: list[int] = []
        self.asked: list[SearchOptions] = []
        self.asked_of_text: list[TextOptions] = []

    def check_direction(self, source: str | None, target: str) -> Direction:
        fitting = [one for one in self.directions if one.target == target and source in (None, one.source)]
        if len(fitting) != 1:
            raise DirectionError(f"got {source!r} and {target!r}")
        return fitting[0]

    def translate_lines(
        self,
        lines: Iterable[str],
        *,
        source: str,
        target: str,
        options: SearchOptions,
        text_options: TextOptions = PLAIN,
    ) -> Iterator[Translation]:
        self.asked.append(options)
        self.asked_of_text.append(text_options)
        for number, line in enumerate(lines, 1):
            if len(line) > LONGEST:
                raise InputError(f"line {number}: the text is too long")
            best, *others = [shouted(line, marks) for marks in range(options.n_best)]
            yield Translation(best.text, best.segments, tuple(others))

    def score(self, sources: Sequence[str], targets: Sequence[str], *, source: str, target: str) -> list[Segment]:
        self.windows.append(len(sources))
        if any(len(text) > LONGEST for text in sources):
            raise InputError("the text is too long")
        return [segment(*pair) for pair in zip(sources, targets, strict=True)]

    def describe(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "directions": [one.to_mapping() for one in self.directions],
            "parameters": 1234567,
            "model": {"cell": "gru", "bidirectional": True, "attention_width": None},
            "provenance": {"data": [{"name": "Tatoeba", "licence": "CC BY 2.0 FR"}], "scores": {"BLEU": 33.3}},
        }


def shouted(line: str, marks: int) -> Translation:
    text = line.upper() + "!" * marks
    return Translation(text, (segment(line, text),) if line else ())


def segment(source: str, target: str) -> Segment:
    """Log-probability -0.5 for each character of the target and for its end."""
    scores = (-0.5,) * (len(target) + 1)
    weights = np.full((len(scores), 1), 1.0, dtype=np.float32)
    end = Token("</s>", len(target), len(target), special=True)
    tokens = tuple(Token(character, place, place + 1) for place, character in enumerate(target))
    return Segment(
        source_start=0, source_end=len(source), target_start=0, target_end=len(target),
        source_tokens=(Token("</s>", len(source), len(source), special=True),), target_tokens=(*tokens, end),
        token_log_probabilities=scores, log_probability=sum(scores), rank_score=-0.5, attention_TS=weights,
        source_words=(), target_words=(), word_attention=np.zeros((0, 0), dtype=np.float32), links=(),
    )  # fmt: skip


@pytest.fixture
def shouter(monkeypatch: pytest.MonkeyPatch) -> Shouter:
    """What every model folder holds, but for one called `broken`."""
    one = Shouter()

    def load(folder: Path | None = None) -> Shouter:
        if folder is not None and folder.name == "broken":
            raise ArtifactError(f"{folder} is broken")
        return one

    monkeypatch.setattr(nmt.translator.Translator, "load", load)
    return one
