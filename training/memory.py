"""How the C library of this process deals with large stretches of memory."""

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""Parameters of glibc's `mallopt`."""
LARGEST = 2**31 - 1


def keep_memory() -> None:
    """From here on this process keeps the memory that it gives back, for the next time that it asks for some.

    glibc returns large stretches to the system, which zeroes them page by page when a step asks for them again. Call
    it when what is needed once has been given back. Nothing happens where the C library is another.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(M_MMAP_MAX, 0)
            mallopt(M_TRIM_THRESHOLD, LARGEST)
