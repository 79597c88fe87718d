"""How the C library of this process deals with large stretches of memory."""

import ctypes
import os
import sys

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""Parameters of glibc's `mallopt`."""
LARGEST = 2**31 - 1


def keep_memory() -> None:
    """Call it before the first large tensor: what a step gives back is then kept for the next one.

    glibc returns large stretches to the system, which zeroes them page by page when they are asked for again; this
    takes up to a fifth of the time of a step. Where there are huge pages for the asking, torch asks for them. Nothing
    happens where the C library is another.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(M_MMAP_MAX, 0)
            mallopt(M_TRIM_THRESHOLD, LARGEST)
