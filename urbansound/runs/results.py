"""What a run said of each clip, kept beside its weights: results.npz."""

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

from urbansound.files import write_bytes
from urbansound.records import ClipResults

_UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,  # NotImplementedError among them
    zipfile.BadZipFile,
    zlib.error,
)


def write_results(path: Path, results: ClipResults) -> None:
    """Keep the results, whole or not at all; RunFailed where the disk refuses."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **vars(results))
    write_bytes(path, buffer.getvalue())


def read_results(path: Path) -> ClipResults | None:
    """The results, or None where they are missing or damaged (every array has a checksum)."""
    try:
        # A file of our own: numpy leaves the one it opens itself open where it is damaged.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return ClipResults(**{name: arrays[name] for name in arrays.files})
    except _UNREADABLE:
        return None
