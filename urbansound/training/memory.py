"""Memory that a training asks for anew at every step."""

import ctypes
import sys

# glibc's mallopt.h; its largest threshold for memory that is mapped by itself.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_MOST_MAPPED_BYTES = 32 << 20
_NEVER = 2**31 - 1


def keep_freed_memory() -> None:
    """Have this process keep what it frees, for as long as it lives; only glibc can.

    A step of a convolutional network frees some hundred MB and asks for them again. Given back
    to the system they come in page by page, cleared: 7 % of the step, more on many threads.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _MOST_MAPPED_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _NEVER)
