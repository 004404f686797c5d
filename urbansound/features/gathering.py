"""Rows of features put in their places as they come, in memory or, where too large, on disk."""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.errors import RunFailed
from urbansound.features.clip import FileRows, row_shape, row_type
from urbansound.records import FeatureSpec
from urbansound.stages import staged

IN_MEMORY_BYTES = 64 << 20
_ROWS_AT_ONCE = 256


class Gathering:
    """The rows of `n_files` sounds, which may come in any order."""

    def __init__(self, n_files: int, spec: FeatureSpec, folder: Path | None = None) -> None:
        self._rows = empty_rows(n_files, spec, folder)
        self._checksums = [""] * n_files
        self._failed: dict[int, str] = {}

    @staged("joining")
    def put(self, start: int, part: FileRows) -> None:
        """Take the rows of the sounds from number `start` on."""
        self._rows[part.positions + start] = part.rows
        for position, checksum in zip(part.positions.tolist(), part.checksums, strict=True):
            self._checksums[start + position] = checksum
        self._failed.update({start + position: why for position, why in part.failed.items()})

    @staged("joining")
    def rows(self) -> FileRows:
        """All of them in the order of the files; those that failed leave no gap."""
        positions = np.array([n for n, text in enumerate(self._checksums) if text], np.int64)
        if len(positions) < len(self._rows):
            # A row never moves to one that is still to be moved.
            for start in range(0, len(positions), _ROWS_AT_ONCE):
                some = positions[start : start + _ROWS_AT_ONCE]
                self._rows[start : start + len(some)] = self._rows[some]
        checksums = tuple(text for text in self._checksums if text)
        return FileRows(self._rows[: len(positions)], positions, checksums, self._failed)


def empty_rows(n: int, spec: FeatureSpec, folder: Path | None = None) -> NDArray[Any]:
    """An array [n, *row_shape(spec)] to be filled, of the type that rows are kept in.

    A large one lies in a file without a name in `folder`, which goes with the array: a million
    spectrograms have 22 GB. Where that folder refuses it lies in the system's folder for temporary
    files; RunFailed where that refuses, too.
    """
    shape, kind = (n, *row_shape(spec)), row_type(spec)
    n_bytes = int(np.prod(shape)) * kind.itemsize
    if n_bytes <= IN_MEMORY_BYTES:
        return np.empty(shape, kind)
    # A folder that cannot be written to, or is full, costs the cache but not the features.
    for place in dict.fromkeys((folder, None)):
        try:
            with tempfile.TemporaryFile(dir=place) as file:
                _reserve(file.fileno(), n_bytes)
                return np.memmap(file, kind, "r+", shape=shape)
        except OSError as error:
            refusal = error
    raise RunFailed(
        f"The features need {n_bytes / 1e9:.1f} GB for a while, in '{folder or ''}' or "
        f"'{tempfile.gettempdir()}', and cannot have it: {refusal.strerror}. Free some space, or "
        "let TMPDIR name a folder that has it, and start again."
    ) from refusal


def _reserve(file: int, n_bytes: int) -> None:
    """Room on the disk, all of it now: found full later, it would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, n_bytes)
    else:
        os.ftruncate(file, n_bytes)
