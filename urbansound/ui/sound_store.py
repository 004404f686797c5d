"""What people sent, as files: an array looks into each sound and a browser plays it.

They take none of the server's memory, whatever their length. They lie in a temporary folder of
this process, under names that only the page knows, and go when nobody holds them any more. What
a killed process left is removed by the next one.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import struct
import tempfile
import time
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from urbansound.errors import BadAudio
from urbansound.once import once
from urbansound.records import Audio

_PREFIX = "urbansound-sounds-"
_LOCK = "alive.lock"
_TOKEN = re.compile(r"[0-9a-f]{32}")
_HEADER_BYTES = 44
_SAMPLE_BYTES = 4
_IEEE_FLOAT = 3
# A WAV file counts its bytes in 32 bits; 12 h at the networks' rate are 3.8 GB.
_MAX_BYTES = 2**32 - 2**16
_YOUNG_S = 60.0
# What is left of a disk: a twentieth, or as much as runs need for a long while.
_SPARE_SHARE, _SPARE_BYTES = 20, 500_000_000


class StoredFile:
    """Bytes that somebody sent, in a file that goes when this does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        weakref.finalize(self, _remove, path)


class StoredSound:
    """A sound in a file. Its `audio` looks into the file; the file goes when this does."""

    def __init__(self, path: Path, sample_rate: int) -> None:
        self.token = path.stem
        samples = np.memmap(path, np.float32, "r", offset=_HEADER_BYTES)
        self.audio = Audio(samples, sample_rate)
        weakref.finalize(self, _remove, path)


class SoundStore:
    """A folder for what was sent to one process."""

    def __init__(self, parent: Path | None = None) -> None:
        parent = parent or Path(tempfile.gettempdir())
        _sweep(parent)
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        self._lock = FileLock(self._folder / _LOCK)
        self._lock.acquire()
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def keep(self, chunks: Iterable[NDArray[np.float32]], sample_rate: int) -> StoredSound:
        """Write mono float32 chunks as they come; BadAudio where the disk has no room for them.

        What the chunks raise goes through, and leaves no file.
        """
        with self._new_file(".wav") as (file, path):
            _write(file, self._while_there_is_room(chunks), sample_rate)
            file.flush()
            return StoredSound(path, sample_rate)

    def keep_bytes(self, data: bytes) -> StoredFile:
        """Write bytes as they are; BadAudio where the disk has no room for them."""
        with self._new_file(".bin") as (file, path):
            self._leave_room(len(data))
            file.write(data)
        return StoredFile(path)

    def _while_there_is_room(
        self, chunks: Iterable[NDArray[np.float32]]
    ) -> Iterator[NDArray[np.float32]]:
        for chunk in chunks:
            self._leave_room(chunk.nbytes)
            yield chunk

    def _leave_room(self, n_bytes: int) -> None:
        """OSError where the disk would be too full for others, a training at work among them."""
        disk = shutil.disk_usage(self._folder)
        if disk.free - n_bytes < min(disk.total // _SPARE_SHARE, _SPARE_BYTES):
            raise OSError(errno.ENOSPC, "the disk is nearly full")

    @contextlib.contextmanager
    def _new_file(self, suffix: str) -> Iterator[tuple[IO[bytes], Path]]:
        """A file to write; it stays where the block ends well."""
        path = self._folder / f"{secrets.token_hex(16)}{suffix}"
        try:
            with open(path, "xb") as file:
                yield file, path
        except OSError as error:
            _remove(path)
            raise BadAudio(
                f"There is no room on the disk for this sound ({error.strerror or error}). "
                "Free some space, or choose a shorter one.",
                "too_long",
            ) from error
        except BaseException:
            _remove(path)
            raise

    def find(self, token: str) -> Path | None:
        """The file of a token; None where there is none."""
        path = self._folder / f"{token}.wav"
        return path if _TOKEN.fullmatch(token) and path.is_file() else None


@once
def sound_store() -> SoundStore:
    """This process's store."""
    return SoundStore()


def _write(file: IO[bytes], chunks: Iterable[NDArray[np.float32]], sample_rate: int) -> None:
    n_bytes = 0
    file.write(_header(0, sample_rate))
    for chunk in chunks:
        n_bytes += file.write(np.ascontiguousarray(chunk, np.float32).data)
        if n_bytes > _MAX_BYTES:
            raise BadAudio(
                "This sound is too long to be kept. Cut it into shorter ones.", "too_long"
            )
    if n_bytes == 0:
        raise BadAudio("This sound holds nothing (0 samples). Choose another one.", "no_sound")
    file.seek(0)
    file.write(_header(n_bytes, sample_rate))


def _header(n_bytes: int, sample_rate: int) -> bytes:
    """A WAV header of 44 bytes for mono float32, so that the samples behind it are aligned."""
    riff = struct.pack("<4sI4s", b"RIFF", _HEADER_BYTES - 8 + n_bytes, b"WAVE")
    rates = (sample_rate, sample_rate * _SAMPLE_BYTES)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, _IEEE_FLOAT, 1, *rates, _SAMPLE_BYTES, 32)
    return riff + form + struct.pack("<4sI", b"data", n_bytes)


def _remove(path: Path) -> None:
    # Windows refuses while an array looks into the file; the next process sweeps it away.
    with contextlib.suppress(OSError):
        path.unlink()


def _sweep(parent: Path) -> None:
    """Remove what this user's dead processes left; a new one may not have its lock yet."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, Timeout):
            if _is_left(folder):
                with FileLock(folder / _LOCK).acquire(blocking=False):
                    pass
                shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    """Whether a folder is old, this user's own, and no link to another place."""
    status = folder.lstat()
    is_own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return stat.S_ISDIR(status.st_mode) and is_own and time.time() - status.st_mtime > _YOUNG_S
