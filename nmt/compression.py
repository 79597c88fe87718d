"""Files of bytes, decompressed where their name says that they are compressed: `.gz` and `.zst`."""

import gzip
import io
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

COMPRESSED = (".gz", ".zst")
_BLOCK_BYTES = 1 << 17
_COMPRESSED_BYTES = 1 << 10  # of Zstandard data at a time: what is decompressed at once is 32 MB at most
_LARGEST_WINDOW = 1 << 31  # what `zstd --long=31` writes


def open_bytes(path: Path) -> BinaryIO:
    """The content of the file, to be read; that of `NAME.gz` and `NAME.zst` is decompressed on the way.

    Raises OSError where it can't be opened. Reading raises OSError, too, where the compressed data are damaged or end
    too soon.
    """
    if path.suffix == ".gz":
        return cast(BinaryIO, io.BufferedReader(_Gzip(path), _BLOCK_BYTES))
    if path.suffix == ".zst":
        return cast(BinaryIO, io.BufferedReader(_Zstandard(path), _BLOCK_BYTES))
    return path.open("rb")


class _Decompressed(io.RawIOBase):
    """The decompressed bytes; every fault of the data is an OSError."""

    _file: Any

    def __init__(self, path: Path) -> None:
        self.name = str(path)

    def fileno(self) -> int:
        """That of the compressed file."""
        return int(self._file.fileno())

    def readable(self) -> bool:
        return True


class _Gzip(_Decompressed):
    """One gzip member or several in a row."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._file = gzip.GzipFile(path)

    def readinto(self, buffer: Any) -> int:
        try:
            return int(self._file.readinto1(buffer))
        except EOFError:
            raise OSError("the gzip data end too soon; is the file whole?") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise OSError(f"the gzip data are damaged ({error})") from None

    def close(self) -> None:
        self._file.close()
        super().close()


class _Zstandard(_Decompressed):
    """One Zstandard frame or several in a row, as `zstd` and `pzstd` write them."""

    def __init__(self, path: Path) -> None:
        import zstandard

        super().__init__(path)
        self._file = path.open("rb")
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._compressed, self._content, self._place = b"", b"", 0

    def readinto(self, buffer: Any) -> int:
        while self._place == len(self._content):
            if not self._advance():
                return 0
        view = memoryview(buffer).cast("B")
        part = self._content[self._place : self._place + len(view)]
        view[: len(part)] = part
        self._place += len(part)
        return len(part)

    def _advance(self) -> bool:
        """Decompress the next block, False where all has been."""
        import zstandard

        compressed = self._compressed or self._file.read(_COMPRESSED_BYTES)
        if not compressed:
            if self._frame is not None:
                raise OSError("the Zstandard data end too soon; is the file whole?")
            return False
        if self._frame is None:
            self._frame = self._decompressor.decompressobj()
        try:
            self._content, self._place = self._frame.decompress(compressed), 0
        except zstandard.ZstdError as error:
            raise OSError(f"the Zstandard data are damaged ({error})") from None
        self._compressed = self._frame.unused_data if self._frame.eof else b""
        if self._frame.eof:
            self._frame = None
        return True

    def close(self) -> None:
        self._file.close()
        super().close()
