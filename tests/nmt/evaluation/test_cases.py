"""Files of cases say what they mean, or where they are wrong."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.errors import InputError
from nmt.evaluation.case_files import read_cases
from nmt.evaluation.cases import Case
from nmt.evaluation.challenge import PassRate, result, take
from nmt.translation import Translation

GOOD = r"""
source = "en"
target = "de"

negation = [
  # a comment
  { text = "I don't know.", accept = ["Ich weiß (es|) nicht."] },
  { text = "Nobody came.", match = ['niemand', 'kam|gekommen'], reject = ['nicht'], comment = "one word says it" },
]

[[kept-text]]
text = "Hi {{name}}"
contains = "{{name}}"
source = "fr"

[[questions]]
en = ["Where are you?", "Where're you?"]
de = ["Wo (bist du|sind Sie)?"]
es = ["¿Dónde estás?"]
ask = { en = "where are you", es = "donde estas" }

[[doubt]]
text = "The quokka"
warned = true
"""
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "cases.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_cases_are_read_with_their_places(write: Write) -> None:
    cases = read_cases(write(GOOD))
    assert [(case.category, str(case.direction), case.text, case.place) for case in cases] == [
        ("negation", "en-de", "I don't know.", "cases.toml, line 7"),
        ("negation", "en-de", "Nobody came.", "cases.toml, line 8"),
        ("kept-text", "fr-de", "Hi {{name}}", "cases.toml, line 11"),
        ("questions", "en-de", "where are you", "cases.toml, line 16"),
        ("questions", "en-es", "where are you", "cases.toml, line 16"),
        ("questions", "es-en", "donde estas", "cases.toml, line 16"),
        ("questions", "es-de", "donde estas", "cases.toml, line 16"),
        ("doubt", "en-de", "The quokka", "cases.toml, line 22"),
    ]
    assert cases[1].comment == "one word says it"


@pytest.mark.parametrize(
    ("index", "answer", "warnings", "faults"),
    [
        (0, "Ich weiß nicht!", (), ()),
        (0, "Nicht ich.", (), ("expected Ich weiß (es|) nicht.",)),
        (1, "Niemand kam.", (), ()),
        (1, "Er kam nicht.", (), ("nothing matches niemand", "nicht matches")),
        (2, "Hallo {name}", (), ("'{{name}}' is missing",)),
        (3, "Wo sind Sie?", ("low_score",), ()),
        (7, "Das Quokka", (), ("no warning",)),
        (7, "Das Quokka", ("low_score",), ()),
    ],
)
def test_an_answer_is_judged(write: Write, index: int, answer: str, warnings, faults) -> None:
    assert read_cases(write(GOOD))[index].faults(answer, warnings) == faults


HEAD = 'source = "en"\ntarget = "de"\n'
MISTAKES = {
    "": "no cases",
    "x = 3 4": "line 1",
    HEAD + "negation = 3": "negation: got 3",
    HEAD + '[[a]]\naccept = "x"': "line 3, a: text: got None",
    HEAD + '[[a]]\ntext = "x"': "line 3, a: accept: got None, expected at least one of accept",
    HEAD + '[[a]]\ntext = "x"\naccept = 3': "line 3, a: accept: got 3",
    HEAD + '[[a]]\ntext = "x"\naccept = []': "at least one text",
    HEAD + 'a = [\n  { text = "x", accept = "y" },\n  { text = "x", accept = "(y" },\n]': "line 5, a: accept: got '(y'",
    HEAD + '[[a]]\ntext = "x"\nmatch = "(y"': "line 3, a: match: got '(y', expected a regular expression",
    HEAD + '[[a]]\ntext = "x"\nacept = "y"': "line 3, a: acept: got 'y', expected one of the keys text",
    HEAD + '[[a]]\ntext = "x"\nwarned = "yes"': "warned: got 'yes', expected true or false",
    '[[a]]\ntext = "x"\naccept = "y"': "line 1, a: source: got None",
    '[[a]]\ntext = "x"\nsource = "en"\ntarget = "en"\naccept = "y"': "two different languages",
    '[[a]]\nen = "x"': "line 1, a: en: got 'x', expected texts in a second language",
    '[[a]]\nen = "x"\nde = "y"\nask = { fr = "z" }': "line 1, a: fr: got 'z'",
    '[[a]]\nen = "x"\nde = "y"\nany_answer = true': "any_answer: got True, expected contains or warned beside it",
    HEAD + "negation = []": "negation: got []",
}  # fmt: skip


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_name_file_line_and_key(write: Write, text: str) -> None:
    path = write(text)
    with pytest.raises(InputError) as caught:
        read_cases(path)
    assert str(caught.value).startswith(str(path)) and MISTAKES[text] in str(caught.value)


def test_a_folder_is_all_of_its_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no \.toml file"):
        read_cases(tmp_path)
    for name in "ba":
        (tmp_path / f"{name}.toml").write_text(f'[[{name}]]\nen = "x"\nde = "y"', encoding="utf-8")
    assert [case.category for case in read_cases(tmp_path)] == ["a", "a", "b", "b"]
    with pytest.raises(InputError, match=r"can't read .*none\.toml"):
        read_cases(tmp_path / "none.toml")


class Echo:
    directions = (Direction("en", "de"), Direction("de", "en"))

    def translate_lines(
        self, lines: Iterable[str], *, source: str, target: str, options: SearchOptions
    ) -> Iterator[Translation]:
        for line in lines:
            yield Translation(f"{target} {line}", ())


def case(category: str, direction: str, text: str, *accept: str) -> Case:
    return Case(category, Direction.parse(direction), text, frozenset(accept))


def test_what_a_translator_does_not_serve_is_skipped() -> None:
    cases = [case("b", "de-en", "x", "en x"), case("a", "en-de", "y", "z"), case("b", "en-fr", "y", "z"),
             case("b", "en-de", "x", "de x")]  # fmt: skip
    found = result(cases, take(Echo(), cases))
    assert [verdict.case for verdict in found.verdicts] == [cases[0], cases[1], cases[3]]
    assert found.skipped == 1 and found.total() == PassRate(2, 3)
    assert found.by_category() == {"b": PassRate(2, 2), "a": PassRate(0, 1)}
    assert found.by_direction() == {"de-en": {"b": PassRate(1, 1)}, "en-de": {"a": PassRate(0, 1), "b": PassRate(1, 1)}}
