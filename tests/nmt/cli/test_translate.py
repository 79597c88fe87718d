"""One line for each line."""

import gzip
import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nmt.config import SearchOptions
from nmt.text.options import TextOptions

DE = ("translate", "--source", "en", "--target", "de")


def test_each_line_becomes_a_line_in_order(run, shouter) -> None:
    result = run(*DE, given="a\n\n b \nlast")
    assert (result.status, result.out, result.err) == (0, "A\n\n B \nLAST\n", "")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), max_size=20), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_no_text_makes_more_or_fewer_lines(run, shouter, text: str, windows: bool) -> None:
    end = "\r\n" if windows else "\n"
    result = run(*DE, given=f"first{end}{text}{end}last{end}")
    assert result.out == f"FIRST\n{text.upper()}\nLAST\n"


def test_a_line_feed_in_a_translation_stays_within_its_line(run, shouter, monkeypatch) -> None:
    monkeypatch.setattr(
        type(shouter), "translate_lines", lambda *_, **__: iter([translation("A\nB"), translation("C")])
    )
    assert run(*DE, given="a\nc\n").lines == ["A B", "C"]


def translation(text: str):
    from nmt.translation import Translation

    return Translation(text, ())


def test_files_may_be_named(run, shouter, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("grün\n", encoding="utf-8")
    result = run(*DE, tmp_path / "in", "--output", tmp_path / "out")
    assert (result.status, result.out) == (0, "")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "GRÜN\n"


def test_the_source_may_be_left_out_where_it_is_clear(run, shouter) -> None:
    assert run("translate", "--target", "de", given="a\n").lines == ["A"]
    result = run("translate", "--target", "fr", given="a\n")
    assert (result.status, result.out) == (2, "")
    assert result.err == "nmt: error: got None and 'fr'\n"


def test_options_reach_the_search(run, shouter) -> None:
    run(*DE, "--beam-size", 7, "--length-penalty", 0.5, "--no-repeat-ngram", 3, given="a\n")
    assert shouter.asked == [SearchOptions(beam_size=7, length_penalty=0.5, no_repeat_ngram=3)]


def test_n_best_are_json_lines_with_alternatives(run, shouter) -> None:
    result = run(*DE, "--n-best", 3, given="a\n\n")
    first, second = map(json.loads, result.lines)
    assert (first["q"], first["translatedText"], first["alternatives"]) == ("a", "A", ["A!", "A!!"])
    assert len(first["alternativeSegments"]) == 2
    assert (second["q"], second["translatedText"], second["segments"]) == ("", "", [])
    assert "attention" not in first["segments"][0]


def test_the_translation_nearest_to_a_reference_is_chosen(run, shouter, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("a b\n\nc\nd\n", encoding="utf-8")
    (tmp_path / "references").write_text("A B!!\n\nnothing like it\nD\n", encoding="utf-8")
    chosen = (*DE, "--n-best", 3, "--nearest-to", tmp_path / "references")
    assert run(*chosen, tmp_path / "in").lines == ["A B!!", "", "C", "D"]
    (first, *_) = map(json.loads, run(*chosen, "--attention", tmp_path / "in").lines)
    assert (first["translatedText"], "alternatives" in first) == ("A B!!", False)


@pytest.mark.parametrize("from_file", [True, False])
@pytest.mark.parametrize(
    ("count", "early", "late"),
    [
        (1, "1 lines, and the input 2", "1 lines, and the input more"),
        (3, "3 lines, and the input 2", "more lines than"),
    ],
)
def test_references_that_do_not_line_up_are_named(run, shouter, tmp_path, count, early, late, from_file) -> None:
    files = {name: tmp_path / name for name in ("in", "references", "out")}
    files["in"].write_text("a\nb\n")
    files["references"].write_text("A\n" * count)
    files["out"].write_text("precious")
    given = (files["in"], "--output", files["out"]) if from_file else ()
    result = run(*DE, "--n-best", 2, "--nearest-to", files["references"], *given, given="a\nb\n")
    assert result.status == 2 and (early if from_file else late) in result.err
    assert files["out"].read_text() == "precious"


def test_a_fault_of_the_input_is_not_one_of_the_references(run, shouter, tmp_path) -> None:
    (tmp_path / "references").write_text("A\n" * 4)
    result = run(*DE, "--n-best", 2, "--nearest-to", tmp_path / "references", given=b"a\nb\n\xff\nd\n")
    assert result.lines == ["A", "B"] and "line 3: not UTF-8" in result.err


def test_references_may_come_from_a_pipe(run, shouter, tmp_path) -> None:
    os.mkfifo(tmp_path / "references")
    (tmp_path / "in").write_text("a\nb\n")
    writer = threading.Thread(target=(tmp_path / "references").write_text, args=("A!\nB\n",))
    writer.start()
    result = run(*DE, "--n-best", 2, "--nearest-to", tmp_path / "references", tmp_path / "in")
    writer.join()
    assert result.lines == ["A!", "B"]


@pytest.mark.parametrize("option", ["--nearest-to", "--glossary"])
def test_nothing_that_is_read_is_overwritten(run, shouter, tmp_path, option: str) -> None:
    (tmp_path / "read").write_text("a\tA\n")
    result = run(*DE, "--n-best", 2, option, tmp_path / "read", "--output", tmp_path / "read", given="a\n")
    assert result.status == 2 and "give --output another file" in result.err
    assert (tmp_path / "read").read_text() == "a\tA\n"


def test_the_nearest_is_chosen_among_several(run, shouter, tmp_path) -> None:
    (tmp_path / "references").write_text("A\n")
    result = run(*DE, "--nearest-to", tmp_path / "references", given="a\n")
    assert result.err.startswith("nmt: error: --n-best: got 1, expected 2 or more with --nearest-to")


def test_attention_is_in_json_lines(run, shouter) -> None:
    (record,) = map(json.loads, run(*DE, "--attention", given="ä\n").lines)
    (segment,) = record["segments"]
    assert segment["attention"] == [[1.0], [1.0]]
    assert [token["piece"] for token in segment["target"]["tokens"]] == ["Ä", "</s>"]
    assert segment["score"]["logProbability"] == -1
    assert "alternatives" not in record


def test_memory_stays_the_same_and_output_comes_early(shouter, monkeypatch) -> None:
    from nmt.cli import output, translate

    read = itertools.count()
    lags = []

    def endless():
        while (number := next(read)) < 10_000:
            yield str(number)

    class Watched(output.LineWriter):
        def __call__(self, text: str) -> None:
            lags.append(read_so_far() - int(text))

    def read_so_far() -> int:
        return int(repr(read)[6:-1])

    monkeypatch.setattr(translate, "read_lines", lambda *_, **__: endless())
    monkeypatch.setattr(output, "LineWriter", Watched)
    translate.translate(
        target="de", source="en", model=None, file=Path(os.devnull), output=None, attention=False,
        **SearchOptions().to_mapping(),
    )  # fmt: skip
    assert len(lags) == 10_000
    assert max(lags) <= 2


@pytest.mark.parametrize(
    ("given_bytes", "out", "fault"),
    [
        (b"a\nb\n\xff\nc\n", "A\nB\n", "standard input, line 3: not UTF-8: byte 0xFF"),
        (b"a\n" + b"x" * 50 + b"\nc\n", "A\n", "line 2: the text is too long"),
    ],
)
def test_a_faulty_line_is_named_and_those_before_it_are_not_lost(run, shouter, given_bytes, out, fault) -> None:
    result = run(*DE, given=given_bytes)
    assert (result.status, result.out) == (2, out)
    assert result.err.startswith(f"nmt: error: {fault}") and result.err.count("\n") == 1


def test_files_that_can_not_be_used_are_named(run, shouter, tmp_path: Path) -> None:
    missing = run(*DE, tmp_path / "missing")
    assert missing.status == 2 and f"can't read {tmp_path}/missing: No such file" in missing.err
    nowhere = run(*DE, "--output", tmp_path / "no" / "out", given="a\n")
    assert nowhere.status == 2 and f"can't write {tmp_path}/no/out: No such file" in nowhere.err
    broken = run(*DE, "--model", tmp_path / "broken", given="a\n")
    assert broken.status == 2 and broken.err == f"nmt: error: {tmp_path}/broken is broken\n"


def test_the_input_is_never_overwritten(run, shouter, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("a\n")
    (tmp_path / "link").symlink_to("in")
    result = run(*DE, tmp_path / "in", "--output", tmp_path / "link")
    assert result.status == 2 and "is the input" in result.err
    assert (tmp_path / "in").read_text() == "a\n"
    (tmp_path / "in.gz").write_bytes(gzip.compress(b"a\n"))
    result = run(*DE, tmp_path / "in.gz", "--output", tmp_path / "in.gz")
    assert result.status == 2 and "is the input" in result.err


@pytest.mark.parametrize(("name", "compress"), [("in.gz", gzip.compress), ("in.zst", zstandard.compress)])
def test_compressed_text_is_read(run, shouter, tmp_path: Path, name: str, compress: Callable[[bytes], bytes]) -> None:
    content = compress("one\nzwei ä\n".encode())
    (tmp_path / name).write_bytes(content)
    assert run(*DE, tmp_path / name).out == "ONE\nZWEI Ä\n"
    (tmp_path / name).write_bytes(content[:-6])
    result = run(*DE, tmp_path / name)
    assert result.status == 2 and f"can't read {tmp_path / name}: the " in result.err


def test_an_earlier_output_survives_a_mistake(run, shouter, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("precious\n")
    assert run("translate", "--target", "xx", "--output", tmp_path / "out").status == 2
    assert run(*DE, "--model", tmp_path / "broken", "--output", tmp_path / "out").status == 2
    assert (tmp_path / "out").read_text() == "precious\n"


def test_a_real_model_translates_as_the_library_does(run, artifact_folder: Path, translator) -> None:
    lines = ["A dog runs.", "", "  Two children?  ", "😀"]
    result = run(*DE, "--model", artifact_folder, "--max-length", 8, given="\n".join(lines))
    found = translator.translate_batch(lines, source="en", target="de", options=SearchOptions(max_length=8))
    assert result.lines == [one.text.replace("\n", " ") for one in found]


LEAVING = """
import sys
from types import SimpleNamespace

def translate_lines(lines, **_):
    return (SimpleNamespace(text=line) for line in lines)

translator = SimpleNamespace(
    check_direction=lambda *_: SimpleNamespace(source="en", target="de"), translate_lines=translate_lines
)
sys.modules["nmt.translator"] = SimpleNamespace(Translator=SimpleNamespace(load=lambda folder: translator))
from nmt.cli import main
main(["translate", "--target", "de"])
"""


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", LEAVING], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.write(b"A dog.\n" * 10)
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_how_text_is_read_can_be_said(run, shouter, tmp_path) -> None:
    terms = tmp_path / "terms.tsv"
    terms.write_text("house\tHaus\n\n old dog \talter Hund\n", encoding="utf-8")
    options = ("--format", "html", "--glossary", terms, "--protect", "#[0-9]+", "--protect", "[A-Z]{3}")
    asked = ("--source", "en", "--target", "de", *options, "--no-spelling")
    assert run("translate", *asked, given=b"a\n").out == "A\n"
    assert shouter.asked_of_text == [
        TextOptions(
            format="html",
            glossary=(("house", "Haus"), ("old dog", "alter Hund")),
            protect=("#[0-9]+", "[A-Z]{3}"),
            spelling=False,
        )
    ]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("house\tHaus\nno tab\n", "terms.tsv, line 2: got 'no tab', expected a term, a tab and its translation"),
        ("house\t \n", "terms.tsv, line 1"),
        ("house\tHaus\nHouse\tHeim\n", "glossary: got"),
    ],
)
def test_a_glossary_that_can_not_be_used_is_named(run, tmp_path, lines, said) -> None:
    terms = tmp_path / "terms.tsv"
    terms.write_text(lines, encoding="utf-8")
    result = run("translate", "--source", "en", "--target", "de", "--glossary", terms, given=b"a\n")
    assert result.status == 2 and said in result.err
    assert run("translate", "--target", "de", "--glossary", tmp_path / "none.tsv").status == 2


def test_what_would_be_read_as_compressed_is_not_written(run, shouter, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("a\n")
    result = run(*DE, tmp_path / "in", "--output", tmp_path / "out.gz")
    assert result.status == 2 and "without .gz" in result.err and not (tmp_path / "out.gz").exists()
