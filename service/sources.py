"""The folders that models are loaded from."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from nmt.errors import ConfigError
from nmt.model_folder import SUMS
from service.models import Source, Sources
from service.settings import Settings
from service.translating import Translating

VERSION_DIGITS = 12
Load = Callable[[Path | None], Translating]


def load_translator(folder: Path | None) -> Translating:
    """The translator in `folder`, or the bundled one."""
    from nmt.translator import Translator

    return Translator.load(folder)


def sources_of(settings: Settings, load: Load = load_translator) -> Sources:
    """What lists the models that `settings` name, each time anew."""
    if settings.models is not None:
        return partial(folders_in, settings.models, load)
    return partial(one_folder, settings.model, load)


def folders_in(folder: Path, load: Load) -> list[Source]:
    """A model for each folder in `folder` that has checksums, by name. Raises ConfigError where it can't be read."""
    try:
        folders = sorted(path for path in folder.iterdir() if (path / SUMS).is_file())
    except OSError as error:
        raise ConfigError("NMT_MODELS", str(folder), f"a folder of model folders ({error.strerror})") from None
    return [_source(path, path.name, load) for path in folders]


def one_folder(folder: Path | None, load: Load) -> list[Source]:
    """The one model in `folder`, or the bundled one."""
    if folder is not None:
        return [_source(folder, folder.resolve().name, load)]
    from nmt.translator import BUNDLED

    return [replace(_source(BUNDLED, BUNDLED.name, load), load=partial(load, None))]


def _source(folder: Path, name: str, load: Load) -> Source:
    try:
        version = hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()[:VERSION_DIGITS]
        fingerprint = " ".join(f"{path.name}:{_state(path)}" for path in sorted(folder.iterdir()))
    except OSError:
        version, fingerprint = "unreadable", ""  # loading says what is wrong
    return Source(name, version, partial(load, folder), fingerprint)


def _state(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}:{status.st_mtime_ns}"
