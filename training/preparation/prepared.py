"""The corpus in a prepared folder."""

import hashlib
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nmt.errors import ConfigError, DamagedError, DataError
from nmt.tokenizer import SentencePieceTokenizer
from training.config import DataConfig, TrainingConfig
from training.corpus import DirectedCorpus, ParallelCorpus, check_directions, directed_corpora
from training.pairs import Pairs
from training.preparation.manifest import TOKENIZER, Manifest, Part, read_manifest
from training.shard import Shard, open_shard
from training.vocabulary import target_tags

OTHER_FILES = 256
"""How many files a run may have open besides its shards."""

HELD_OUT_CHANGED = (
    "data.validation is not what it was when the corpora were prepared: pairs of it may be among those that are learnt "
    "from, and its score then says less of new text; `nmt prepare --anew` leaves such pairs out"
)


def open_prepared(config: TrainingConfig, tokenizer: SentencePieceTokenizer) -> tuple[ParallelCorpus, str]:
    """The examples in `data.prepared`, read as they are asked for, and what to tell of them.

    Raises DataError where the folder is not there, not whole, without examples in a direction, or was made from another
    configuration, other files or another tokenizer; the message says what to do.
    """
    folder = _folder(config)
    manifest = _whole_manifest(folder)
    for change in manifest.changes(config):
        raise _no_longer_fits(folder, change)
    if hashlib.sha256(tokenizer.serialized).hexdigest() != manifest.tokenizer:
        raise DataError(
            f"data.prepared: {folder} was prepared with another tokenizer than this run began with; "
            "start anew with another output.folder"
        )
    for need in needs(config.data, tokenizer):
        raise _no_longer_fits(folder, need)
    data, tags = config.data, target_tags(config.data, tokenizer)
    allow_open_files(sum(len(part.shards) for part in manifest.parts))
    directed: list[DirectedCorpus] = []
    for index, corpus in enumerate(data.corpora):
        read = {part.languages: open_part(folder, part) for part in manifest.parts if part.corpus == index}
        directed += directed_corpora(data, corpus, read, tags)
    found = ParallelCorpus(directed)
    pairs, lines = (sum(counts) for counts in zip(*((part.kept, part.lines) for part in manifest.parts), strict=True))
    report = f"{pairs:,} of {lines:,} pairs are in {folder}, {len(found):,} examples"
    check_directions(directed, report)
    return found, report if manifest.leaves_out(config) else f"{report}\n{HELD_OUT_CHANGED}"


def prepared_tokenizer(config: TrainingConfig) -> SentencePieceTokenizer:
    """The tokenizer in `data.prepared`. Raises DataError where the folder is not there or not whole."""
    folder = _folder(config)
    _whole_manifest(folder)
    return SentencePieceTokenizer.load(folder / TOKENIZER)


def needs(data: DataConfig, tokenizer: SentencePieceTokenizer) -> Iterator[str]:
    """What `data.directions` ask of the tokenizer in vain, in a few words."""
    try:
        target_tags(data, tokenizer)
    except ConfigError as error:
        yield str(error)


def open_part(folder: Path, part: Part) -> Pairs:
    """Raises DataError, naming the file, where a shard is not whole or has other pairs than it should."""
    shards: list[Shard] = []
    for entry in part.shards:
        shards.append(open_shard(folder / entry["name"]))
        if len(shards[-1]) != entry["pairs"]:
            raise DataError(
                f"the shard {folder / entry['name']} has {len(shards[-1]):,} pairs, expected {entry['pairs']:,}; "
                "run `nmt prepare` again"
            )
    return Pairs(shards, [entry["checksum"] for entry in part.shards])


def allow_open_files(count: int) -> None:
    """Raise the limit of open files of this process to have so many more than usual, as far as the system lets it."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + OTHER_FILES if most == resource.RLIM_INFINITY else min(count + OTHER_FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def check_folder(folder: Path, manifest: Manifest) -> None:
    """Read all that is prepared so far. Raises DamagedError where it is not what was written."""
    try:
        digest = hashlib.sha256((folder / TOKENIZER).read_bytes()).hexdigest()
    except FileNotFoundError:
        raise DamagedError(f"{folder / TOKENIZER} is gone") from None
    except OSError as error:
        raise DataError(f"can't read {folder / TOKENIZER}: {error.strerror}") from None
    if digest != manifest.tokenizer:
        raise DamagedError(f"{folder / TOKENIZER} is not the tokenizer that the shards were made with")
    for part in manifest.parts:
        for entry in part.shards:
            if open_shard(folder / entry["name"]).checksum() != entry["checksum"]:
                raise DamagedError(f"the shard {folder / entry['name']} is not what was written")


def _no_longer_fits(folder: Path, change: str) -> DataError:
    return DataError(f"data.prepared: {folder} no longer fits: {change}. Undo that, or run `nmt prepare --anew`")


def _folder(config: TrainingConfig) -> Path:
    assert config.data.prepared_path is not None
    return config.data.prepared_path


def _whole_manifest(folder: Path) -> Manifest:
    manifest = read_manifest(folder)
    if manifest is None or not manifest.is_complete:
        reason = "nothing is prepared there" if manifest is None else "its preparation was not finished"
        raise DataError(f"data.prepared: {folder}: {reason}; run `nmt prepare` with this recipe first")
    return manifest
