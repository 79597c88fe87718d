"""The page that compares systems: whole, alone, and proof against what texts may hold."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nmt.cli.comparison import PAGE

HOSTILE = '</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> & "'
QUICK = ("--bootstrap-samples", 20)


class Elements(HTMLParser):
    """The elements of a page, and the text of each script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data


@pytest.fixture
def page(run, tmp_path: Path) -> str:
    """Two systems on three sentences, one of them hostile."""
    texts = {
        "s.en": ["The old house.", HOSTILE, "Yes."],
        "s.de": ["Das alte Haus.", HOSTILE, "Ja."],
        "one.de": ["Das alte Haus.", HOSTILE, "Ja."],
        "two.de": ["Das neue Haus.", "/*style*/ /*script*/ /*data*/", "Ja."],
    }
    for name, lines in texts.items():
        (tmp_path / name).write_text("".join(line + "\n" for line in lines))
    hypotheses = ("--hypotheses", tmp_path / "one.de", "--hypotheses", tmp_path / "two.de")
    training = ("--training-text", tmp_path / "s.de")
    path = tmp_path / "page.html"
    result = run("evaluate", tmp_path / "s.en", tmp_path / "s.de", *hypotheses, *training, "--html", path, *QUICK)
    assert (result.status, result.err) == (0, "")
    return path.read_text(encoding="utf-8")


def test_texts_stay_texts(page: str) -> None:
    elements = Elements(page)
    assert [tag for tag, _ in elements.tags].count("script") == len(elements.scripts) == 2
    data = json.loads(elements.scripts[0])
    assert data["tests"][0]["sentence_results"][1]["source"] == HOSTILE
    assert data["tests"][0]["sentence_results"][1]["systems"][1]["text"] == "/*style*/ /*script*/ /*data*/"
    assert elements.scripts[1].strip() == (PAGE / "comparison.js").read_text(encoding="utf-8").strip()


def test_nothing_is_fetched(page: str) -> None:
    assert not [tag for tag, attributes in Elements(page).tags if {"src", "href"} & attributes.keys()]
    own = page.replace(Elements(page).scripts[0], "")
    assert set(re.findall(r"https?://[^\"' ]+", own)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in own and "innerHTML" not in own


def test_differences_are_marked_by_word(page: str) -> None:
    first, _, last = json.loads(Elements(page).scripts[0])["tests"][0]["sentence_results"]
    assert first["systems"][1]["differences"] == [
        ["", "Das ", "alte ", "Haus.", ""],
        ["", "Das ", "neue ", "Haus.", ""],
    ]
    assert first["systems"][0]["chrf"] == 100 > first["systems"][1]["chrf"]
    assert last["systems"][1]["differences"][1] == ["", "Ja.", ""]


def test_every_element_that_the_script_asks_for_is_there(page: str) -> None:
    elements = Elements(page)
    ids = {attributes["id"] for _, attributes in elements.tags if "id" in attributes}
    asked = set(re.findall(r'\$\("([\w-]+)"\)', elements.scripts[1])) | {"data"}
    assert asked and asked <= ids
    labelled = re.findall(r"<label[^>]*>[^<]*<(?:input|select)|<label[^>]*><input", page)
    assert len(labelled) == sum(tag in ("input", "select") for tag, _ in elements.tags)


def test_a_page_may_have_no_sentences(run, shouter, tmp_path: Path) -> None:
    cases, path = tmp_path / "cases.toml", tmp_path / "page.html"
    cases.write_text('[[a]]\nen = "x"\nde = "X"')
    assert run("evaluate", "--challenge", cases, "--html", path).status == 0
    data = json.loads(Elements(path.read_text(encoding="utf-8")).scripts[0])
    assert data["tests"] == [] and data["challenge"]["systems"][0]["asked"] == 1
