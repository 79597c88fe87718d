"""Whether the service has other processes decode."""

import os

from nmt.processors import available_processors


def decodes_apart(decoders: int) -> bool:
    """Whether so many decoders (0: one for each processor) are processes of their own, not the service itself."""
    return os.name == "posix" and (decoders or available_processors()) > 1
