"""The shards of one corpus in two languages, written one by one as its lines come."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nmt.direction import LANGUAGE_CODE
from nmt.errors import DamagedError
from nmt.files import replace_file
from training.encoding import KEPT, RULES, Pair, Verdicts
from training.preparation.duplicates import Hashes, SeenHashes
from training.preparation.manifest import Manifest, Part, Sample
from training.preparation.worker import Outcome
from training.shard import Shard, ShardBuilder

SHARD, HASHES = ".safetensors", ".hashes"
MOST_SAMPLES = 5
SAMPLE_CHARACTERS = 200
DUPLICATE = RULES.index("duplicate")


class PartWriter:
    """Adds shards to a part of the manifest. What the manifest says is on the disk, whole, at every moment."""

    def __init__(self, folder: Path, manifest: Manifest, part: Part, seen: SeenHashes | None) -> None:
        """`seen` remembers pairs, of this part and others, to leave out those that come again."""
        self._folder, self._manifest, self._part, self._seen = folder, manifest, part, seen
        self._builder = ShardBuilder()
        self._counts: list[tuple[int, NDArray[np.int64]]] = []
        self._hashes: list[Hashes] = []
        self._samples = {rule: list(samples) for rule, samples in part.samples.items()}

    def add(self, outcome: Outcome) -> None:
        """The lines that follow those added before."""
        kept, hashes, verdicts = outcome.encoded.kept, outcome.hashes, outcome.encoded.verdicts
        if self._seen is not None:
            is_new = self._seen.add(hashes)
            verdicts[np.flatnonzero(verdicts == KEPT)[~is_new]] = DUPLICATE
            kept, hashes = kept.select(is_new), hashes[is_new]
            self._hashes.append(hashes)
        counts = np.bincount(verdicts[verdicts != KEPT], minlength=len(RULES)).astype(np.int64)
        self._counts.append((len(verdicts), counts))
        self._collect(outcome.chunk.pairs, verdicts, outcome.chunk.first_line)
        for shard in self._builder.add(kept):
            self._write(shard)

    def finish(self) -> None:
        """No more lines come."""
        for shard in self._builder.finish():
            self._write(shard)
        self._count()
        self._part.is_complete = True
        self._manifest.write(self._folder)

    def _write(self, shard: Shard) -> None:
        part = self._part
        stem = f"{part.corpus:02}-{'-'.join(part.languages)}-{len(part.shards):05}"
        if self._seen is not None:
            replace_file(self._folder / f"{stem}{HASHES}", np.concatenate(self._hashes).tobytes())
            self._hashes = []
        shard.write(self._folder / f"{stem}{SHARD}")
        part.shards.append({"name": f"{stem}{SHARD}", "pairs": len(shard), "checksum": shard.checksum()})
        self._count()
        self._manifest.write(self._folder)

    def _count(self) -> None:
        """Tell the part of the lines since the shard before."""
        part = self._part
        for lines, counts in self._counts:
            part.lines += lines
            for rule, count in zip(RULES, counts.tolist(), strict=True):
                part.left_out[rule] = part.left_out.get(rule, 0) + count
        part.samples = {rule: list(samples) for rule, samples in self._samples.items()}
        self._counts = []

    def _collect(self, pairs: Sequence[Pair], verdicts: Verdicts, first_line: int) -> None:
        """Keep the first pairs that each rule leaves out."""
        for number in np.unique(verdicts[verdicts != KEPT]).tolist():
            samples = self._samples.setdefault(RULES[number], [])
            for place in np.flatnonzero(verdicts == number)[: MOST_SAMPLES - len(samples)].tolist():
                first, second = (text[:SAMPLE_CHARACTERS] for text in pairs[place])
                samples.append(Sample(first_line + place, first, second))


def is_written_by_us(path: Path) -> bool:
    """Whether a file has the name of a shard or its hashes, or of one that was not finished."""
    ending = "|".join(map(re.escape, (SHARD, HASHES)))
    name = rf"\.?\d{{2,}}-{LANGUAGE_CODE}-{LANGUAGE_CODE}-\d{{5,}}({ending})(\.partial)?"
    return re.fullmatch(name, path.name) is not None


def read_hashes(folder: Path, entry: dict[str, Any]) -> Hashes:
    """Of the pairs in the shard of this entry. Raises DamagedError where they are not there."""
    path = (folder / entry["name"]).with_suffix(HASHES)
    try:
        found = np.frombuffer(path.read_bytes(), np.uint64)
    except (FileNotFoundError, ValueError):
        found = np.empty(0, np.uint64)
    if len(found) != entry["pairs"]:
        raise DamagedError(f"{path}, from which duplicates are known, is missing")
    return found
