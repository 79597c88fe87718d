"""The page: whole, closed to the outside, and safe whatever the log says."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.report.logs import WHOLE, stopped, trained, validated, write_run
from training.report.page import page, report
from training.report.record import Record, read_record

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>&\"'{{style}}\u2028"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from([*WHOLE[0], *WHOLE[2], "my_by_direction"])


class Outline(HTMLParser):
    """Tags, attributes and texts of a page; `depth` is 0 where all elements are closed."""

    VOID = frozenset({"meta", "link", "input"})

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(content.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.texts["script"][0])
        return found


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "my")


def test_one_run_is_shown_with_its_curves_samples_and_options(run: Path) -> None:
    outline = Outline(report([run]))
    text = " ".join(part for parts in outline.texts.values() for part in parts)
    assert outline.texts["h1"] == ["my"]
    assert "step 4, the planned length is reached" in text
    assert outline.texts["ins"] == ["dog"] and outline.texts["del"] == ["cat"]
    assert "24.00" in text and "seed" in text
    assert len(outline.data["charts"]) == 7
    assert outline.data["maps"][0]["weights"] == [[0.9, 0.1], [0.0, 0.875]]


def test_the_same_log_gives_the_same_page(run: Path) -> None:
    assert report([run]) == report([run])


def test_it_needs_nothing_from_outside(run: Path) -> None:
    outline = Outline(report([run]))
    addresses = [value or "" for name, value in outline.attributes if name in ("src", "href", "action", "srcset")]
    assert all(address.startswith(("#", "data:")) for address in addresses)
    assert "url(" not in outline.texts["style"][0] and "@import" not in outline.texts["style"][0]
    scripts = outline.texts["script"][1]
    assert not re.search(r"\b(fetch|XMLHttpRequest|import|eval|innerHTML|WebSocket)\b", scripts)


def test_its_policy_allows_its_own_script_and_style_alone(run: Path) -> None:
    outline = Outline(report([run]))
    policy = next(value for name, value in outline.attributes if name == "content" and "default-src" in (value or ""))
    for text in (outline.texts["script"][1], outline.texts["style"][0]):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in (policy or "")
    assert "default-src 'none'" in (policy or "") and "unsafe" not in (policy or "")
    assert not [name for name, _ in outline.attributes if name == "style" or name.startswith("on")]


def test_what_was_read_is_text_and_nothing_else(tmp_path: Path) -> None:
    line = validated(2, EVIL, bleu_by_direction={EVIL: 1.0}, **{EVIL: 1.0})
    line["samples"][0] |= {"direction": EVIL, "source": EVIL, "reference": EVIL}
    line["samples"][0]["attention"][0] |= {"source": [EVIL, EVIL]}
    lines = [trained(1, gradient_norms={EVIL: 1.0}), line, stopped(2, EVIL)]
    evil = write_run(tmp_path / "run", lines, {EVIL: {EVIL: EVIL}})
    plain = write_run(tmp_path / "plain")
    for folders in ([evil], [evil, plain]):
        outline = Outline(page([Record(**{**vars(read_record(folder)), "name": EVIL}) for folder in folders]))
        assert outline.tags.count("script") == 2 and "img" not in outline.tags
        assert outline.data["runs"][0]["name"] == EVIL
        assert not outline.open


def test_runs_are_compared(tmp_path: Path) -> None:
    first = write_run(tmp_path / "a" / "run", config={"training": {"seed": 1, "rate": 0.5}})
    second = write_run(tmp_path / "b" / "run", [validated(6, "The dog")], {"training": {"seed": 2, "rate": 0.5}})
    outline = Outline(report([first, second]))
    assert [run["name"] for run in outline.data["runs"]] == ["a/run", "b/run"]
    headings = [text for text in outline.texts["th"] if text.startswith("training.")]
    assert headings == ["training.seed", "training.rate"], "what differs stands first"
    assert outline.texts["ins"] == ["The"] and outline.texts["del"] == ["A"]


def test_runs_that_were_validated_on_different_texts_are_not_ranked(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / name, config={"data": {"validation": {"en": name}}}) for name in "ab"]
    content = report(runs).decode()
    assert "The runs differ in data.validation" in content and 'class="top"' not in content
    alike = [write_run(tmp_path / name, [validated(step)]) for name, step in (("c", 1), ("d", 2))]
    assert 'class="top"' in report(alike).decode()


def test_an_empty_log_is_a_run_that_has_begun(tmp_path: Path) -> None:
    assert "nothing logged yet" in report([write_run(tmp_path, [])]).decode()


def test_a_long_log_is_a_small_page(tmp_path: Path) -> None:
    lines = [trained(step, loss=1 / step) for step in range(1, 6000)]
    assert len(report([write_run(tmp_path, lines)])) < 700_000


@settings(max_examples=60)
@given(lines=st.lists(st.tuples(st.sampled_from(WHOLE), KEYS, JSON), max_size=6), config=JSON)
def test_whatever_a_log_says_there_is_a_page(
    lines: list[tuple[dict[str, Any], str, Any]], config: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("run")
    write_run(folder, [line | {key: value} for line, key, value in lines], config)
    for folders in ([folder], [folder, folder]):
        assert not Outline(report(folders)).open


def test_scores_of_other_pieces_or_texts_are_not_ranked(tmp_path: Path) -> None:
    def compared(config: dict, other: dict) -> str:
        runs = [write_run(tmp_path / "a", [validated(1, nll=2.0)], config),
                write_run(tmp_path / "b", [validated(1, nll=3.0)], other)]  # fmt: skip
        return report(runs).decode()

    def labelled(seed: int, **data: object) -> dict:
        return {"task": "classification", "data": {"train": ["a"], **data}, "training": {"seed": seed}}

    assert 'class="top"' in compared({"model": {"cell": "gru"}}, {"model": {"cell": "lstm"}})
    content = compared({"data": {"max_length": 100}}, {"data": {"max_length": 50}})
    assert 'class="top"' not in content and "The runs differ in data.max_length: nll" in content
    for name in "ab":
        (tmp_path / name / "tokenizer.model").write_text(name)
    content = compared({"model": {"cell": "gru"}}, {"model": {"cell": "lstm"}})
    assert 'class="top"' not in content and "The runs differ in the vocabulary: nll, a mean over pieces" in content
    assert 'class="top"' in compared(labelled(1), labelled(1, temper=0.5))
    content = compared(labelled(1), labelled(2))
    assert 'class="top"' not in content and "The runs differ in training.seed" in content
    assert 'class="top"' not in compared(labelled(1), labelled(1, train=["b"]))
    assert 'class="top"' in compared(labelled(1, validation=["v"]), labelled(1, train=["b"], validation=["v"]))


def test_an_interrupted_run_is_counted_to_its_end(tmp_path: Path) -> None:
    outline = Outline(report([write_run(tmp_path / "my", [trained(1), stopped(3, "SIGTERM received")])]))
    text = " ".join(part for parts in outline.texts.values() for part in parts)
    assert "step 3, SIGTERM received" in text
    assert "3" in outline.texts["dd"] and "300" in outline.texts["dd"]


def test_attention_of_another_translation_is_not_shown(tmp_path: Path) -> None:
    unlogged = validated(1, "best")
    del unlogged["samples"][0]["attention"]
    runs = [write_run(tmp_path / name, [unlogged, validated(2, "last", is_best=False)]) for name in "ab"]
    assert Outline(report(runs)).data["maps"] == []


def test_text_has_the_direction_of_its_letters(run: Path) -> None:
    assert ("dir", "auto") in Outline(report([run])).attributes
