"""API keys: made at random, kept as hashes, compared in constant time."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from nmt.errors import ConfigError
from service.errors import KeyMissingError, KeyRefusedError

KEY_BYTES = 24
_HASH = re.compile("[0-9a-f]{64}")


def new_key() -> str:
    """A key that nobody can guess: 192 random bits in URL-safe letters."""
    return secrets.token_urlsafe(KEY_BYTES)


def hash_of(key: str) -> str:
    """The SHA-256 of a key, in hexadecimal digits: all that a server has to know of it."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class KeyRing:
    """The hashes of the keys that are good. Without any, no key is needed.

    Raises ConfigError for what is no hash, its place named and not its content.
    """

    def __init__(self, hashes: Iterable[str] = (), where: str = "NMT_API_KEYS") -> None:
        self._hashes = tuple(dict.fromkeys(entry.strip().lower() for entry in hashes))
        for number, entry in enumerate(self._hashes, 1):
            if not _HASH.fullmatch(entry):
                raise ConfigError(f"{where}, entry {number}", "...", "64 hexadecimal digits, as `nmt key` prints them")

    @property
    def is_required(self) -> bool:
        return bool(self._hashes)

    def owner(self, key: str | None) -> str | None:
        """The hash of a good key; None where no key is needed. Raises KeyMissingError, KeyRefusedError."""
        if not self.is_required:
            return None
        if not key:
            raise KeyMissingError
        asked = hash_of(key)
        found = [hmac.compare_digest(asked, known) for known in self._hashes]  # all of them, whichever fits
        if not any(found):
            raise KeyRefusedError
        return asked


def read_keys(hashes: Iterable[str], file: Path | None) -> KeyRing:
    """The keys of the settings and of a file with a hash on each line; what follows a # is a comment.

    A file without a hash is refused: it would let everyone in. Raises ConfigError.
    """
    if file is None:
        return KeyRing(hashes)
    try:
        lines = [line.partition("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise ConfigError("NMT_API_KEYS_FILE", str(file), f"a readable file ({type(error).__name__})") from None
    in_file = [line for line in lines if line]
    if not in_file:
        raise ConfigError("NMT_API_KEYS_FILE", str(file), "a file with a hash on each line, as `nmt key` prints them")
    return KeyRing([*hashes, *in_file], "NMT_API_KEYS and NMT_API_KEYS_FILE")


def given_key(parameters: Mapping[str, object], authorization: str | None) -> str | None:
    """The key of a request: `api_key` among its parameters, else `Authorization: Bearer KEY`."""
    key = parameters.get("api_key")
    if isinstance(key, str) and key:
        return key
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
