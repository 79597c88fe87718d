"""Text files as lines: UTF-8, ended by LF and by nothing else; a fault is named with its file and line."""

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from nmt.errors import DataError, NmtError

MAX_LINE_BYTES = 1 << 24
_BLOCK_BYTES = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_FORMATS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ": "xz",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
}


def read_lines(source: Path | BinaryIO, *, error: type[NmtError] = DataError) -> Iterator[str]:
    """The lines of a text without their ends, one at a time; `source` is a file's path or a stream of bytes.

    A line ends with LF, and a CR right before it belongs to the end; no other character ends a line (CR elsewhere,
    U+0085, U+2028 are text). The last line may lack its end. A byte order mark at the start is left out.

    Raises `error`, naming the file and the line, where a line is not valid UTF-8 or longer than MAX_LINE_BYTES, and
    where the file can't be read. A path is opened when the first line is asked for.
    """
    name = _name(source)
    with _opened(source, error) as stream:
        for number in itertools.count(1):
            line = stream.readline(MAX_LINE_BYTES + 1)
            if not line:
                return
            if len(line) > MAX_LINE_BYTES:
                raise error(f"{name}, line {number}: longer than {MAX_LINE_BYTES:,} bytes; is this a text file?")
            line = line.removesuffix(b"\n").removesuffix(b"\r")
            if number == 1:
                line = line.removeprefix(_BYTE_ORDER_MARK)
            try:
                text = line.decode()
            except UnicodeDecodeError as fault:
                raise error(f"{name}, line {number}: {_explained(fault, first=number == 1)}") from None
            yield text


def read_parallel(paths: Sequence[Path], *, error: type[NmtError] = DataError) -> Iterator[tuple[str, ...]]:
    """The first lines of all files, then the second ones, and so on.

    Raises what `read_lines` raises, and `error`, naming files and counts, when one of the files ends before another.
    """
    for lines in itertools.zip_longest(*(read_lines(path, error=error) for path in paths)):
        if None in lines:
            check_line_counts(paths, error=error)
        yield lines


def check_line_counts(paths: Sequence[Path], *, error: type[NmtError] = DataError) -> int:
    """The number of lines that all of the files have. Raises `error`, naming files and counts, where they differ."""
    counts = [count_lines(path, error=error) for path in paths]
    if len(set(counts)) > 1:
        found = ", ".join(f"{path} has {count}" for path, count in zip(paths, counts, strict=True))
        raise error(f"the files don't line up: {found} lines")
    return counts[0]


def count_lines(source: Path | BinaryIO, *, error: type[NmtError] = DataError) -> int:
    """How many lines `read_lines` gives; a stream is read to its end."""
    count, last = 0, b"\n"
    with _opened(source, error) as stream:
        while block := stream.read(_BLOCK_BYTES):
            count += block.count(b"\n")
            last = block[-1:]
    return count + (last != b"\n")


@contextlib.contextmanager
def _opened(source: Path | BinaryIO, error: type[NmtError]) -> Iterator[BinaryIO]:
    """The stream of `source`, a path's closed in the end; what goes wrong in opening or reading becomes `error`."""
    try:
        if isinstance(source, Path):
            with source.open("rb") as stream:
                yield stream
        else:
            yield source
    except OSError as fault:
        raise error(f"can't read {_name(source)}: {fault.strerror or fault}") from None


def _name(source: Path | BinaryIO) -> str:
    name = source if isinstance(source, Path) else getattr(source, "name", "<stream>")
    return "standard input" if name in ("<stdin>", 0) else str(name)


def _explained(fault: UnicodeDecodeError, *, first: bool) -> str:
    line, place = fault.object, fault.start
    for start, kind in _OTHER_FORMATS.items():
        if first and line.startswith(start):
            return f"not UTF-8 but {kind}, as its first bytes say"
    before = line[:place].decode()
    return f"not UTF-8: byte 0x{line[place]:02X} at character {len(before) + 1}, after {before[-20:]!r}"
