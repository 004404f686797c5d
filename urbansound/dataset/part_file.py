"""A file that is being fetched: the bytes so far, and of which version of it they are."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from urbansound.errors import DownloadFailed
from urbansound.files import read_json


@dataclass(frozen=True)
class Version:
    """What a server says of the content that it gives; "" where it does not."""

    etag: str = ""
    modified: str = ""

    @property
    def condition(self) -> str:
        """What `If-Range` is given: a weak ETag does not promise the same bytes (RFC 9110)."""
        return self.modified if self.etag.startswith("W/") else self.etag or self.modified

    def is_another_than(self, other: "Version") -> bool:
        """Whether the two are surely not the same content."""
        if self.etag and other.etag:
            return self.etag != other.etag
        return bool(self.modified and other.modified) and self.modified != other.modified


@dataclass(frozen=True)
class PartFile:
    """A .part file and, beside it, the version that its bytes are of.

    Whatever cannot be written is a DownloadFailed; what lies there is then kept.
    """

    path: Path

    @property
    def n_bytes(self) -> int:
        """Bytes that lie there; 0 without a file."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def _note(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    def version(self) -> Version:
        """Of which version the bytes are; one of which nothing is known where that is lost."""
        try:
            return _parse_version(read_json(self._note, DownloadFailed))
        except DownloadFailed:
            return Version()

    def begin(self, version: Version) -> None:
        """Empty it for the bytes of this version.

        In this order: killed in between, it never has bytes of one version and the name of
        another. Half a note is as good as none, and a temporary one could be left behind.
        """
        with self._writing():
            self.path.write_bytes(b"")
            self._note.write_text(json.dumps(asdict(version)))

    def open_end(self) -> IO[bytes]:
        """The file, to append to; unbuffered, so that a killed process loses one block at most."""
        with self._writing():
            return open(self.path, "ab", buffering=0)

    def append(self, file: IO[bytes], block: bytes) -> None:
        """Put the whole block at the file's end."""
        with self._writing():
            left = memoryview(block)
            while left:
                left = left[file.write(left) :]

    def flush(self) -> None:
        """Have what was written lie on the disk."""
        with self._writing(), open(self.path, "ab") as file:
            os.fsync(file.fileno())

    def remove(self) -> None:
        """Leave nothing of it."""
        with self._writing():
            self.path.unlink(missing_ok=True)
            self._note.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DownloadFailed(
                f"'{self.path.parent}' cannot be written: {error.strerror or error}. "
                "What was fetched is kept."
            ) from error


def _parse_version(value: Any) -> Version:
    if not isinstance(value, dict):
        return Version()
    etag, modified = value.get("etag"), value.get("modified")
    return Version(
        etag if isinstance(etag, str) else "", modified if isinstance(modified, str) else ""
    )
