"""A compressed file reads as what was compressed; one that is damaged or cut short says so."""

import gzip
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from nmt.compression import open_bytes
from nmt.errors import DataError
from nmt.lines import count_lines, read_columns, read_lines

LINES = [f"line {number} läuft" for number in range(20_000)]
CONTENT = "".join(f"{line}\n" for line in LINES).encode()
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda content: gzip.compress(content, mtime=0),
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
suffixes = pytest.mark.parametrize("suffix", list(COMPRESS))


@suffixes
@given(parts=st.lists(st.binary(max_size=300), max_size=4))
def test_parts_in_a_row_are_their_contents_in_a_row(
    suffix: str, parts: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("compressed") / f"text{suffix}"
    path.write_bytes(b"".join(COMPRESS[suffix](part) for part in parts))
    with open_bytes(path) as stream:
        assert stream.read() == b"".join(parts)


@suffixes
def test_lines_are_those_of_the_plain_text(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"text{suffix}"
    path.write_bytes(COMPRESS[suffix](CONTENT[:70_000]) + COMPRESS[suffix](CONTENT[70_000:]))
    assert list(read_lines(path)) == LINES
    assert count_lines(path) == len(LINES)


@suffixes
@pytest.mark.parametrize("missing", [1, 5, 1000])
def test_a_file_cut_short_is_named(suffix: str, missing: int, tmp_path: Path) -> None:
    path = tmp_path / f"text{suffix}"
    path.write_bytes(COMPRESS[suffix](CONTENT)[:-missing])
    with pytest.raises(DataError, match=re.escape(f"can't read {path}: the ") + ".* end too soon"):
        list(read_lines(path))


@suffixes
def test_a_damaged_file_is_named(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"text{suffix}"
    content = bytearray(COMPRESS[suffix](CONTENT))
    content[len(content) // 2] ^= 0xFF
    for damaged in (bytes(content), COMPRESS[suffix](CONTENT) + b"more", b"no such format"):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=re.escape(str(path))):
            list(read_lines(path))


@suffixes
def test_a_missing_file_is_named(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"can't read .*: No such file or directory"):
        list(read_lines(tmp_path / f"text{suffix}"))


def test_columns_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv.gz"
    path.write_bytes(gzip.compress(b'"a\tb"\tc\n1\t\t3\tmore\r\n'))
    assert list(read_columns(path, [2, 0])) == [("c", '"a'), ("3", "1")]
    with pytest.raises(DataError, match=r"pairs\.tsv\.gz, line 1: 3 columns, expected at least 4"):
        list(read_columns(path, [0, 3]))


def test_what_is_not_utf_8_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"good\nb\xe4d\n")
    assert list(read_lines(path, replace=True)) == ["good", "b\ufffdd"]
    path.write_bytes("bad\n".encode("utf-16"))
    with pytest.raises(DataError, match="not UTF-8 but UTF-16"):
        list(read_lines(path, replace=True))


def test_little_is_decompressed_at_once(tmp_path: Path) -> None:
    path = tmp_path / "zeros.zst"
    path.write_bytes(zstandard.ZstdCompressor(level=19).compress(bytes(200_000_000)))
    tracemalloc.start()
    with open_bytes(path) as stream:
        assert stream.read(10) == bytes(10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50_000_000
