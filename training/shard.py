"""A shard: pairs of lines as pieces in flat arrays, in memory or mapped from a file in the safetensors format."""

# N pairs, I ids

import errno
import json
import mmap
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from nmt.errors import DamagedError, DataError
from nmt.files import replace_file

Numbers = NDArray[np.integer[Any]]
SHARD_PAIRS, SHARD_IDS = 1 << 19, 1 << 26
_ARRAYS = ("ids", "starts", "lengths", "line_numbers")
_DTYPES = {"U8": np.uint8, "U16": np.uint16, "U32": np.uint32, "U64": np.uint64}
_HEADER_BYTES = 8


@dataclass(frozen=True)
class Shard:
    """Pair n is `ids[starts[n]:]`: `lengths[n][0]` pieces of its first side, then `lengths[n][1]` of its second.

    It was read from line `line_numbers[n]`, counted from 1. Each array has the smallest type that holds its numbers.
    """

    ids: Numbers  # I
    starts: Numbers  # N
    lengths: Numbers  # N, 2
    line_numbers: Numbers  # N
    mapping: mmap.mmap | None = None

    @classmethod
    def build(cls, ids: Numbers, lengths: Numbers, line_numbers: Numbers) -> Self:
        """A shard of pairs that stand in `ids` one behind the other, with nothing between them."""
        ends = np.cumsum(lengths.sum(axis=1, dtype=np.int64))
        assert len(ids) == (ends[-1] if len(ends) else 0), "the lengths are those of the ids"
        starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])[: len(ends)]
        return cls(_smallest(ids), _smallest(starts), _smallest(lengths.reshape(-1, 2)), _smallest(line_numbers))

    def __len__(self) -> int:
        return len(self.starts)

    def select(self, kept_N: NDArray[np.bool_]) -> Self:
        """The pairs where `kept_N` is true."""
        kept_I = np.repeat(kept_N, self.lengths.sum(axis=1, dtype=np.int64))
        return self.build(self.ids[kept_I], self.lengths[kept_N], self.line_numbers[kept_N])

    def checksum(self) -> int:
        """CRC-32 of all that is in it."""
        crc = 0
        for name in _ARRAYS:
            crc = zlib.crc32(getattr(self, name), crc)
        return crc

    def release(self) -> None:
        """Let go of what has been read of a mapped file; it is read again when it is asked for again."""
        if self.mapping is not None:
            self.mapping.madvise(mmap.MADV_DONTNEED)

    def write(self, path: Path) -> None:
        """Put it into the file in one step. Raises OSError where that fails; no part of it is there then."""
        replace_file(path, save({name: getattr(self, name) for name in _ARRAYS}))


def join_shards(shards: Sequence[Shard]) -> Shard:
    """One shard of the pairs of all, in their order."""
    arrays = ([getattr(shard, name) for shard in shards] for name in ("ids", "lengths", "line_numbers"))
    return Shard.build(*map(np.concatenate, arrays))


class ShardBuilder:
    """Puts small shards together into larger ones, of SHARD_PAIRS pairs or somewhat more."""

    def __init__(self) -> None:
        self._parts: list[Shard] = []

    def add(self, part: Shard) -> list[Shard]:
        """The shard that `part` has filled, if any."""
        self._parts.append(part)
        is_full = sum(map(len, self._parts)) >= SHARD_PAIRS or sum(len(p.ids) for p in self._parts) >= SHARD_IDS
        return self.finish() if is_full else []

    def finish(self) -> list[Shard]:
        """What has been added since the last full shard, as one, if there is any."""
        parts, self._parts = self._parts, []
        return [join_shards(parts)] if any(map(len, parts)) else []


def open_shard(path: Path) -> Shard:
    """The shard in the file, mapped: what is asked of it is read then.

    The file stays open. Raises DamagedError for one that is not whole, DataError for one that can't be read.
    """
    try:
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise _damaged(path, "it is gone") from None
    except ValueError:
        raise _damaged(path, "it is empty") from None
    except OSError as error:
        more = "; `ulimit -n` says how many" if error.errno == errno.EMFILE else ""
        raise DataError(f"can't read the shard {path}: {error.strerror}{more}") from None
    size = int.from_bytes(content[:_HEADER_BYTES], "little")
    start = _HEADER_BYTES + size
    try:
        header = json.loads(content[_HEADER_BYTES:start])
        ends = [header[name]["data_offsets"][1] for name in _ARRAYS]
        if len(content) != start + max(ends):
            raise _damaged(path, f"it has {len(content):,} bytes, expected {start + max(ends):,}")
        ids, starts, lengths, line_numbers = (_array(content, start, header[name]) for name in _ARRAYS)
        return Shard(ids, starts, lengths, line_numbers, content)
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, f"its header can't be read ({type(error).__name__})") from None


def _array(content: mmap.mmap, start: int, entry: dict[str, Any]) -> Numbers:
    first, end = entry["data_offsets"]
    dtype = np.dtype(_DTYPES[entry["dtype"]]).newbyteorder("<")
    return np.frombuffer(content, dtype, (end - first) // dtype.itemsize, start + first).reshape(entry["shape"])


def _smallest(numbers: Numbers) -> Numbers:
    """As the smallest unsigned type that holds them."""
    return np.ascontiguousarray(numbers, np.min_scalar_type(int(numbers.max()) if numbers.size else 0))


def _damaged(path: Path, reason: str) -> DamagedError:
    return DamagedError(f"the shard {path} is not whole: {reason}; run `nmt prepare` again")
