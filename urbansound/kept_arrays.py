"""Arrays in one file under a key and a checksum: what was costly to make is kept, never trusted.

A file that is damaged, or of other things than is now asked for, reads as nothing.
"""

import hashlib
import io
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.errors import RunFailed
from urbansound.files import write_bytes

_log = logging.getLogger(__name__)
_CHECKSUM_BYTES = 32
_KEY = "key"


def keep_arrays(path: Path, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write them for the next time; where that fails they are still good, so it is only said."""
    try:
        write_arrays(path, key, arrays)
    except RunFailed as error:
        _log.warning("'%s' was not kept and will be made again: %s", path.name, error)


def write_arrays(path: Path, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write them, whole or not at all; RunFailed if that fails."""
    contents: dict[str, Any] = {_KEY: np.array(key), **arrays}
    body = io.BytesIO()
    np.savez(body, **contents)
    write_bytes(path, hashlib.sha256(body.getvalue()).digest() + body.getvalue())


def read_arrays(path: Path, key: str) -> dict[str, NDArray[Any]] | None:
    """What was kept under this key; None where that is nothing, damaged or of other things."""
    body = read_checked(path)
    if body is None:
        return None
    with np.load(io.BytesIO(body), allow_pickle=False) as file:
        if str(file[_KEY]) != key:
            return None
        return {name: file[name] for name in file.files if name != _KEY}


def read_checked(path: Path) -> bytes | None:
    """The bytes behind a file's own SHA-256; None where there are none or they are others."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    checksum, body = data[:_CHECKSUM_BYTES], data[_CHECKSUM_BYTES:]
    return body if hashlib.sha256(body).digest() == checksum else None


def let_go_of_older(folder: Path, pattern: str, n_kept: int) -> None:
    """Delete all but the newest files of a pattern."""
    try:
        files = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime)
        for path in files[:-n_kept]:
            path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("Older files in '%s' were not deleted: %s", folder, error)
