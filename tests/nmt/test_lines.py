"""Lines end with LF and with nothing else."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt import lines
from nmt.errors import DataError, InputError
from nmt.lines import check_line_counts, count_lines, read_lines, read_parallel

texts_without_ends = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r")).map(
    lambda text: text.removeprefix("\ufeff")
)
ends = st.sampled_from(["\n", "\r\n"])


@given(st.lists(st.tuples(texts_without_ends, ends)))
def test_any_text_comes_back_line_by_line(parts: list[tuple[str, str]]) -> None:
    written = "".join(text + end for text, end in parts).encode()
    assert list(read_lines(BytesIO(written))) == [text for text, _ in parts]
    assert count_lines(BytesIO(written)) == len(parts)


@given(st.binary())
def test_counting_agrees_with_reading(written: bytes) -> None:
    try:
        found = list(read_lines(BytesIO(written)))
    except DataError:
        return
    assert count_lines(BytesIO(written)) == len(found)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a", ["a"]),
        (b"a\r", ["a"]),
        (b"a\n\nb", ["a", "", "b"]),
        (b"a\rb\n", ["a\rb"]),
        (b"a\r\r\n", ["a\r"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", ["a", "\ufeffb"]),
        ("a\u2028b\u0085c\x0bd\x0ce\x1cf\n".encode(), ["a\u2028b\u0085c\x0bd\x0ce\x1cf"]),
        (b"a\0b\n", ["a\0b"]),
    ],
)
def test_what_ends_a_line(written: bytes, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(written)
    assert list(read_lines(path)) == list(read_lines(BytesIO(written))) == expected


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (b"good\nGr\xfc\xdfe\n", r"text, line 2: not UTF-8: byte 0xFC at character 3, after 'Gr'"),
        ("häh".encode() + b"\xff", r"text, line 1: not UTF-8: byte 0xFF at character 4, after 'häh'"),
        ("a\n".encode("utf-16"), r"text, line 1: not UTF-8 but UTF-16"),
        (b"\x1f\x8b\x08\x00\xff", r"text, line 1: not UTF-8 but gzip"),
        (b"\xed\xa0\x80\n", r"text, line 1: not UTF-8: byte 0xED"),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(written: bytes, fault: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(written)
    with pytest.raises(DataError, match=fault):
        list(read_lines(tmp_path / "text"))


def test_lines_before_a_fault_are_read() -> None:
    found = read_lines(BytesIO(b"one\ntwo\n\xff\n"))
    assert [next(found), next(found)] == ["one", "two"]
    with pytest.raises(DataError):
        next(found)


def test_a_file_without_line_ends_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 10)
    assert list(read_lines(BytesIO(b"123456789\n"))) == ["123456789"]
    with pytest.raises(DataError, match="line 2: longer than 10 bytes"):
        list(read_lines(BytesIO(b"1\n" + b"2" * 11)))


def test_the_caller_chooses_the_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"can't read .*missing: No such file"):
        list(read_lines(tmp_path / "missing", error=InputError))
    with pytest.raises(DataError, match=r"can't read .*: Is a directory"):
        count_lines(tmp_path)


def test_files_are_read_side_by_side(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "ab"]
    paths[0].write_text("1\n2\n")
    paths[1].write_text("eins\nzwei")
    assert list(read_parallel(paths)) == [("1", "eins"), ("2", "zwei")]
    assert check_line_counts(paths) == 2


@pytest.mark.parametrize("reader", [check_line_counts, lambda paths: list(read_parallel(paths))])
def test_files_that_do_not_line_up_are_named_with_their_counts(reader, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "ab"]
    paths[0].write_text("1\n2\n3\n")
    paths[1].write_text("eins\n")
    with pytest.raises(DataError, match=r"/a has 3, .*/b has 1 lines"):
        reader(paths)


def test_files_that_do_not_line_up_since_one_is_in_another_format(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one\ntwo\n", encoding="utf-8")
    (tmp_path / "b").write_text("one\ntwo\nਊ\n", encoding="utf-16")
    with pytest.raises(DataError, match="b, line 1: not UTF-8 but UTF-16"):
        check_line_counts([tmp_path / "a", tmp_path / "b"])
