"""A file for what is too large for the memory: nobody else finds it, nothing leaves it behind."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def unnamed_file() -> Iterator[tuple[IO[bytes], Path]]:
    """An empty file to write, and the path by which this process reads it, until the block ends.

    On Linux it has no name in any folder, so that not even a killed process leaves it behind;
    elsewhere it lies in a temporary folder of its own.
    """
    if sys.platform == "linux":
        with tempfile.TemporaryFile() as file:
            yield file, Path(f"/proc/self/fd/{file.fileno()}")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "sound"
        with open(path, "wb") as file:
            yield file, path
