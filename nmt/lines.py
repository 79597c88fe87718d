"""Text files as lines: UTF-8, ended by LF and by nothing else; a fault is named with its file and line.

The content of a file whose name ends in `.gz` or `.zst` is decompressed as it is read.
"""

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from nmt.compression import open_bytes
from nmt.errors import DataError, NmtError

MAX_LINE_BYTES = 1 << 24
_BLOCK_BYTES = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_FORMATS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\x1f\x8b": "gzip (name it NAME.gz)",
    b"\x28\xb5\x2f\xfd": "zstd (name it NAME.zst)",
    b"\xfd7zXZ": "xz",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
}


def read_lines(source: Path | BinaryIO, *, error: type[NmtError] = DataError, replace: bool = False) -> Iterator[str]:
    """The lines of a text without their ends, one at a time; `source` is a file's path or a stream of bytes.

    A line ends with LF, and a CR right before it belongs to the end; no other character ends a line (CR elsewhere,
    U+0085, U+2028 are text). The last line may lack its end. A byte order mark at the start is left out.

    Raises `error`, naming the file and the line, where a line is not valid UTF-8 or longer than MAX_LINE_BYTES, and
    where the file can't be read. With `replace`, bytes that are not UTF-8 come as U+FFFD instead, but for a file that
    is in another format from its start. A path is opened when the first line is asked for.
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
                other = _other_format(line) if number == 1 else None
                if other is not None or not replace:
                    raise error(f"{name}, line {number}: {_explained(fault, other)}") from None
                text = line.decode(errors="replace")
            yield text


def read_columns(
    path: Path, columns: Sequence[int], *, error: type[NmtError] = DataError, replace: bool = False
) -> Iterator[tuple[str, ...]]:
    """These columns, counted from 0, of each line of a file of tab-separated values; a tab always separates.

    Raises what `read_lines` raises, and `error`, naming the line, where one has too few columns.
    """
    for number, line in enumerate(read_lines(path, error=error, replace=replace), start=1):
        cells = line.split("\t")
        try:
            yield tuple([cells[column] for column in columns])
        except IndexError:
            raise error(
                f"{path}, line {number}: {_counted(len(cells))}, expected at least {max(columns) + 1}"
            ) from None


def read_parallel(
    paths: Sequence[Path], *, error: type[NmtError] = DataError, replace: bool = False
) -> Iterator[tuple[str, ...]]:
    """The first lines of all files, then the second ones, and so on.

    Raises what `read_lines` raises, and `error`, naming files and counts, when one of the files ends before another.
    """
    for lines in itertools.zip_longest(*(read_lines(path, error=error, replace=replace) for path in paths)):
        if None in lines:
            check_line_counts(paths, error=error)
        yield lines


def check_line_counts(paths: Sequence[Path], *, error: type[NmtError] = DataError) -> int:
    """The number of lines that all of the files have.

    Raises `error`, naming files and counts, where they differ; where one is in another format than UTF-8, that is said.
    So is a pipe, which could be counted and then not be read again.
    """
    for path in paths:
        check_not_pipe(path, error=error)
    counts = [count_lines(path, error=error) for path in paths]
    if len(set(counts)) > 1:
        for path in paths:  # one in another format says so
            next(read_lines(path, error=error, replace=True), None)
        found = ", ".join(f"{path} has {count}" for path, count in zip(paths, counts, strict=True))
        raise error(f"the files don't line up: {found} lines")
    return counts[0]


def check_not_pipe(path: Path, *, error: type[NmtError] = DataError) -> None:
    """Raise `error` where the lines of a file that is read more than once come only once."""
    if path.is_fifo():
        raise error(f"{path} is a pipe, and its lines are read twice: write them to a file first")


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
            with open_bytes(source) as stream:
                yield stream
        else:
            yield source
    except OSError as fault:
        raise error(f"can't read {_name(source)}: {fault.strerror or fault}") from None


def _name(source: Path | BinaryIO) -> str:
    name = source if isinstance(source, Path) else getattr(source, "name", "<stream>")
    return "standard input" if name in ("<stdin>", 0) else str(name)


def _other_format(first_line: bytes) -> str | None:
    """What a file is that starts so, None where nothing is known."""
    return next((kind for start, kind in _OTHER_FORMATS.items() if first_line.startswith(start)), None)


def _counted(columns: int) -> str:
    return "1 column" if columns == 1 else f"{columns} columns"


def _explained(fault: UnicodeDecodeError, other: str | None) -> str:
    line, place = fault.object, fault.start
    if other is not None:
        return f"not UTF-8 but {other}, as its first bytes say"
    before = line[:place].decode()
    return f"not UTF-8: byte 0x{line[place]:02X} at character {len(before) + 1}, after {before[-20:]!r}"
