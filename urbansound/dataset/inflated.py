"""The bytes inside a .gz: read forward only, a little at a time, and not without end."""

import gzip
from typing import IO

from urbansound.errors import DownloadFailed

# The longest name, or other header, that an archive may have; files are read by such pieces.
MOST_AT_ONCE = 1 << 16
# Zeros that fill up an archive's last record.
_MOST_BEHIND = 1 << 20


class RefusedArchive(DownloadFailed):
    """An archive that is not what was published, whatever its checksum: nothing of it is kept."""


class Inflated:
    """What `tarfile` reads from, with the limits that it lacks.

    tarfile reads a header as long as it claims to be into memory: here that is a
    RefusedArchive, and so is more than `max_bytes` altogether. It also follows a negative size
    back to where it was, without end: here nothing goes back.
    """

    def __init__(self, file: IO[bytes], max_bytes: int) -> None:
        self._gzip = gzip.GzipFile(fileobj=file)
        self._max_bytes = max_bytes
        self._at = 0
        self._last = b""

    def read(self, n: int) -> bytes:
        """The next `n` bytes, fewer at the end."""
        if not 0 <= n <= MOST_AT_ONCE:
            raise RefusedArchive(
                f"The archive has a header of {n:,} bytes; at most {MOST_AT_ONCE:,} were expected. "
                "It was refused and nothing of it was kept."
            )
        self._last = self._gzip.read(n)
        self._at += len(self._last)
        if self._at > self._max_bytes:
            raise RefusedArchive(
                f"The archive unpacks to more than {self._max_bytes:,} bytes; that is not the "
                "dataset. Nothing was kept of it."
            )
        return self._last

    def tell(self) -> int:
        """How many bytes were read."""
        return self._at

    def seek(self, position: int) -> int:
        """Read on to this position; there is no way back."""
        while self._at < position and self.read(min(MOST_AT_ONCE, position - self._at)):
            pass
        return self._at

    def finish(self) -> None:
        """Read to the end, so that the .gz's own checksum is compared.

        RefusedArchive where the last thing read was no end, or where much comes behind it.
        """
        has_ended = not any(self._last)
        end = self._at + _MOST_BEHIND
        while has_ended and self.read(MOST_AT_ONCE):
            has_ended = self._at <= end
        if not has_ended:
            raise RefusedArchive(
                "The archive does not end as one should, so it was refused and nothing of it was "
                "kept."
            )
