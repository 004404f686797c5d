"""Files that survive: atomic writes, JSON, JSON lines, checksums.

A file is written beside its place, flushed to disk and renamed over it, so a crash or
a full disk leaves the old file whole.
"""

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from urbansound.errors import RunFailed

_LONGEST_LINE = 4096


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
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        temporary = None
    except (OSError, RuntimeError) as error:
        # torch reports a full disk as a RuntimeError.
        raise RunFailed(_why_not_written(path, error)) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _why_not_written(path: Path, error: Exception) -> str:
    if isinstance(error, PermissionError):
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
    except (OSError, ValueError) as error:
        raise otherwise(f"'{path}' cannot be read as JSON") from error


def append_json_line(path: Path, value: dict[str, Any]) -> None:
    """Add one line to a JSON-lines file and hand it to the operating system at once."""
    line = json.dumps(value, allow_nan=False) + "\n"
    try:
        with open(path, "ab", buffering=0) as file:
            file.write(line.encode())
    except OSError as error:
        raise RunFailed(_why_not_written(path, error)) from error


def read_json_lines(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a JSON-lines file; an unfinished or damaged end is left out."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    values: list[dict[str, Any]] = []
    for line in data[: data.rfind(b"\n") + 1].splitlines():
        value = _parse_line(line)
        if value is None:
            break
        values.append(value)
    return values


def read_last_json_line(path: Path) -> dict[str, Any] | None:
    """The last whole line of a JSON-lines file; None where there is none.

    Reads the file's end only, however long it is; no line is longer than `_LONGEST_LINE`.
    """
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 2 * _LONGEST_LINE))
            tail = file.read()
    except FileNotFoundError:
        return None
    lines = tail[: tail.rfind(b"\n") + 1].splitlines()
    return _parse_line(lines[-1]) if lines else None


def _parse_line(line: bytes) -> dict[str, Any] | None:
    try:
        value: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return value


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(value: Any) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
