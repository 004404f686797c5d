"""Files that survive: atomic writes, JSON, JSON lines, checksums.

A file is written beside its place, flushed to disk and renamed over it, so a crash or
a full disk leaves the old file whole.
"""

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from urbansound.errors import RunFailed

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_TAIL_BYTES = 8192
_PART = re.compile(r"\..+\.[0-9a-f]{8}\.part")
_NEW_S = 2.0


def modified_at(path: Path) -> float:
    """When a file was last changed, in seconds since 1970; 0 where there is none to look at."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the place of `path` when the block ends without an error.

    RunFailed says so when the disk is full or the folder cannot be written; what stood
    at `path` is then untouched and nothing is left beside it.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        with open(temporary, "xb") as file:
            _hold(file)
            yield file
            file.flush()
            os.fsync(file.fileno())
        replace_patiently(temporary, path)
        temporary = None
    except (OSError, RuntimeError) as error:
        # torch reports a full disk as a RuntimeError.
        raise RunFailed(_why_not_written(path, error)) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def replace_patiently(temporary: Path, path: Path, within_s: float = 1.0) -> None:
    """Rename; on Windows, which refuses while somebody reads either, again for some time."""
    until = time.monotonic() + (within_s if sys.platform == "win32" else 0.0)
    while time.monotonic() < until:
        with contextlib.suppress(PermissionError):
            os.replace(temporary, path)
            return
        time.sleep(0.05)
    os.replace(temporary, path)


def drop_parts(folder: Path, *, young_too: bool = False) -> None:
    """Delete what writers that were killed left in the folder, none that is still written.

    `young_too` is for a folder that nobody else can write in just now.
    """
    for path in folder.glob(".*.part"):
        with contextlib.suppress(OSError):
            if _PART.fullmatch(path.name) and _is_left(path, 0.0 if young_too else _NEW_S):
                path.unlink()


def _hold(file: IO[bytes]) -> None:
    """Until the file is closed, or its writer dies; Windows holds what is open by itself."""
    if fcntl is not None:
        with contextlib.suppress(OSError):  # Not every shared folder has locks.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_left(path: Path, new_s: float) -> bool:
    """Whether nobody writes it; its writer may be about to take hold of a new one."""
    if abs(time.time() - path.stat().st_mtime) < new_s:
        return False
    with open(path, "rb") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return True


def _why_not_written(path: Path, error: Exception) -> str:
    is_forbidden = isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EROFS)
    if is_forbidden or isinstance(error, PermissionError):
        reason = "this folder may not be written to. Change its rights or choose another one"
    elif "No space" in str(error) or "enforce fail" in str(error):
        reason = "the disk is full. Free some space and try again"
    else:
        reason = f"{error}"
    return f"'{path}' could not be saved: {reason}. What was there before is untouched."


def write_bytes(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all."""
    with replacing(path) as file:
        file.write(data)


def write_json(path: Path, value: Any) -> None:
    """Put `value` at `path` as indented JSON, whole or not at all."""
    write_bytes(path, (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())


def read_json(path: Path, otherwise: Callable[[str], Exception]) -> Any:
    """The JSON at `path`; `otherwise(reason)` is raised where it is missing or damaged."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise otherwise(f"'{path}' is missing") from error
    except (OSError, ValueError, RecursionError) as error:
        raise otherwise(f"'{path}' cannot be read as JSON") from error


def append_json_line(path: Path, value: dict[str, Any]) -> None:
    """Add one line to a JSON-lines file, whole or not at all, and hand it to the system at once."""
    line = (json.dumps(value, allow_nan=False) + "\n").encode()
    try:
        with open(path, "ab", buffering=0) as file:
            size = file.tell()
            if file.write(line) < len(line):
                file.truncate(size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise RunFailed(_why_not_written(path, error)) from error


def read_json_lines(path: Path) -> list[dict[str, Any]]:
    """The whole, undamaged lines of a JSON-lines file, in order; none where it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError:
        return []
    return _whole_lines(data)


def read_last_json_line(path: Path) -> dict[str, Any] | None:
    """The last whole, undamaged line of a JSON-lines file; None where there is none.

    Of a long file only the end is read.
    """
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            for span in (_TAIL_BYTES, size):
                file.seek(max(0, size - span))
                lines = _whole_lines(file.read())
                if lines:
                    return lines[-1]
    except OSError:
        pass
    return None


def whole_lines_bytes(path: Path) -> int:
    """How many bytes all whole lines of a file take, a torn last one left out; 0 without it."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            for span in (_TAIL_BYTES, size):
                start = file.seek(max(0, size - span))
                newline = file.read().rfind(b"\n")
                if newline >= 0:
                    return start + newline + 1
    except OSError:
        pass
    return 0


def _whole_lines(data: bytes) -> list[dict[str, Any]]:
    values = []
    for line in data[: data.rfind(b"\n") + 1].splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            values.append(json.loads(line))
    return [value for value in values if isinstance(value, dict)]


def digest_of(value: Any) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
