"""Samples that lie in a file and are looked into where they lie, without filling the memory."""

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 1 << 20


def in_pieces(
    samples: NDArray[np.float32], n_at_once: int = _AT_ONCE
) -> Iterator[NDArray[np.float32]]:
    """Views of samples [n], n_at_once at a time; what was read of a file leaves the memory.

    A piece stays good after the next one was asked for: it is read from the file again.
    """
    for start in range(0, len(samples), n_at_once):
        yield samples[start : start + n_at_once]
        let_go(samples)


def let_go(samples: NDArray[np.float32]) -> None:
    """Where samples lie in a file, what was read of it leaves the memory; else nothing happens.

    Without that, an hour's 600 MB count as this process's own until the system wants them back.
    """
    is_in_file = isinstance(samples, np.memmap) and samples.mode == "r"
    if is_in_file and hasattr(mmap, "MADV_DONTNEED"):
        owner: Any = samples
        while isinstance(owner, np.ndarray):
            owner = owner.base
        if isinstance(owner, mmap.mmap):
            owner.madvise(mmap.MADV_DONTNEED)
