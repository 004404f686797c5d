"""A zip of sounds, read in place: nothing in it is believed, and none of its names is a path.

What a header says may refuse a file but never allow one: bytes are counted as they come out.
"""

import contextlib
import io
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO

from urbansound.audio.refusals import refusal
from urbansound.audio.unnamed import unnamed_file
from urbansound.errors import BadAudio

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# zipfile reads the list of members in one piece; a longer name than this is not an honest one.
_LIST_BYTES_EACH = 400
_PIECE_BYTES = 1 << 20
_ENCRYPTED = 0x1
_NAME_CHARS = 255
# Larger members are unpacked to the disk, where they take no memory from the app.
_MEMORY_BYTES = 1 << 24
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError)
_GB, _MB = 1 << 30, 1 << 20


@dataclass(frozen=True)
class ArchiveLimits:
    """What may come out of one archive.

    Deflate packs silence a thousand times; beyond `ratio_from_bytes` no more than `max_ratio`
    times what is packed may come out, which a recording never reaches.
    """

    max_members: int = 10_000
    max_bytes: int = 2 * _GB
    max_member_bytes: int = 512 * _MB
    max_ratio: int = 100
    ratio_from_bytes: int = 50 * _MB


@dataclass(frozen=True)
class Member:
    """A file in an archive: its label, never a path, and what unpacks it.

    `open` gives its bytes, or the path of a file that goes when the block ends. It raises
    BadAudio, with code "not_sound" or "too_long", where it cannot be had.
    """

    name: str
    open: Callable[[], AbstractContextManager[bytes | Path]]


class Archive:
    """An open zip. BadAudio says why it is refused as a whole.

    Folders and what systems leave behind (`__MACOSX`, names that begin with a dot) are left
    out. Members can be read from several threads.
    """

    def __init__(
        self, source: bytes | Path, name: str, limits: ArchiveLimits | None = None
    ) -> None:
        self._name, self._limits = name, limits or ArchiveLimits()
        self._lock = threading.Lock()
        self._n_read: dict[int, int] = {}
        self._n_total = 0
        n_list = self._limits.max_members * _LIST_BYTES_EACH
        self._file = _Measured(source, name, max_read=max(n_list, _PIECE_BYTES))
        try:
            self._zip = zipfile.ZipFile(self._file)
            self.members = self._find_members()
        except _DAMAGE as error:
            self.close()
            raise BadAudio(
                f"'{name}' cannot be opened as a zip: it is damaged or something else. "
                "Pack the sounds again.",
                "not_sound",
            ) from error
        except BadAudio:
            self.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _find_members(self) -> tuple[Member, ...]:
        infos = [info for info in self._zip.infolist() if _is_wanted(info)]
        if len(infos) > self._limits.max_members:
            raise self._refused(f"holds more than {self._limits.max_members:,} files")
        n_claimed = sum(info.file_size for info in infos)
        if n_claimed > self._limits.max_bytes:
            raise self._refused(f"unpacks to more than {_size_text(self._limits.max_bytes)}")
        if self._is_bomb(n_claimed, self._file.size):
            raise self._refused(f"unpacks to {n_claimed // max(1, self._file.size):,} times itself")
        seen: set[str] = set()
        return tuple(self._member(number, info, seen) for number, info in enumerate(infos))

    def _member(self, number: int, info: zipfile.ZipInfo, seen: set[str]) -> Member:
        is_twin = info.filename in seen
        seen.add(info.filename)
        return Member(label_of(info.filename), partial(self._open, number, info, is_twin))

    @contextlib.contextmanager
    def _open(self, number: int, info: zipfile.ZipInfo, is_twin: bool) -> Iterator[bytes | Path]:
        name = label_of(info.filename)
        reason = "stands in the zip twice; only the first was read" if is_twin else _fault(info)
        if reason:
            raise BadAudio(f"'{name}' {reason}.", "not_sound")
        # zipfile lets no more come out than the header claims.
        if info.file_size <= _MEMORY_BYTES:
            data = io.BytesIO()
            self._unpack(number, info, data)
            yield data.getvalue()
            return
        with contextlib.ExitStack() as stack:
            try:
                file, path = stack.enter_context(unnamed_file())
                self._unpack(number, info, file)
            except OSError as error:
                raise refusal("no_room", name) from error
            yield path

    def _unpack(self, number: int, info: zipfile.ZipInfo, to: IO[bytes]) -> None:
        name, n_out = label_of(info.filename), 0
        for piece in self._pieces(info, name):
            if n_out == 0 and looks_like_zip(piece):
                raise BadAudio(
                    f"'{name}' is a zip inside the zip. Unpack it, and choose it by itself.",
                    "not_sound",
                )
            n_out += len(piece)
            self._check(number, info, n_out)
            to.write(piece)
        to.flush()

    def _pieces(self, info: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(info) as member:
                while piece := member.read(_PIECE_BYTES):
                    yield piece
        except _DAMAGE as error:
            raise BadAudio(
                f"'{name}' is damaged inside the zip. Pack it again.", "not_sound"
            ) from error

    def _check(self, number: int, info: zipfile.ZipInfo, n_out: int) -> None:
        """BadAudio where more has come out of a member than may."""
        name, most = label_of(info.filename), self._limits.max_member_bytes
        if n_out > most:
            raise _too_large(name, f"more than {_size_text(most)}")
        if self._is_bomb(n_out, info.compress_size):
            raise _too_large(name, f"over {self._limits.max_ratio} times what is packed")
        self._count(number, n_out, name)

    def _count(self, number: int, n_read: int, name: str) -> None:
        """A member counts once, however often it is read."""
        with self._lock:
            before = self._n_read.get(number, 0)
            if n_read > before:
                self._n_read[number] = n_read
                self._n_total += n_read - before
            if self._n_total > self._limits.max_bytes:
                most = _size_text(self._limits.max_bytes)
                raise _too_large(name, f"with the others more than {most}")

    def _is_bomb(self, n_out: int, n_packed: int) -> bool:
        limits = self._limits
        return n_out > limits.ratio_from_bytes and n_out > limits.max_ratio * n_packed

    def _refused(self, reason: str) -> BadAudio:
        return BadAudio(
            f"'{self._name}' {reason}, which is more than is opened. Pack the sounds into "
            "several smaller zips.",
            "too_long",
        )


class _Measured:
    """A zip's bytes for `zipfile`, none of whose reads may be larger than `max_read`."""

    def __init__(self, source: bytes | Path, name: str, *, max_read: int) -> None:
        self._name, self._max_read = name, max_read
        self._file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        self.size = self._file.seek(0, io.SEEK_END)

    def read(self, n: int = -1, /) -> bytes:
        if n > self._max_read:
            raise BadAudio(
                f"'{self._name}' lists more files than are opened. Pack the sounds into several "
                "smaller zips.",
                "too_long",
            )
        return self._file.read(n)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()


def looks_like_zip(data: bytes) -> bool:
    """Whether these bytes, the first of a file, begin a zip."""
    return data.startswith(_MAGIC)


def is_archive(source: bytes | Path) -> bool:
    """Whether it is a zip by how it begins, whatever it is called; False where it is no file."""
    if isinstance(source, bytes):
        return looks_like_zip(source)
    # Opening a pipe that nobody writes to would wait for ever.
    if not source.is_file():
        return False
    with contextlib.suppress(OSError), open(source, "rb") as file:
        return looks_like_zip(file.read(4))
    return False


def label_of(name: str) -> str:
    """A file's name as it can be shown: marks that act on a screen are made visible.

    Of a name that is too long to be read the end is kept.
    """
    shown = "".join(mark if mark.isprintable() else "\ufffd" for mark in name)
    return shown if len(shown) <= _NAME_CHARS else f"…{shown[-_NAME_CHARS:]}"


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(info.filename).parts
    is_left_over = "__MACOSX" in parts or bool(parts and parts[-1].startswith("."))
    return not info.is_dir() and not is_left_over


def _fault(info: zipfile.ZipInfo) -> str:
    """Why a member is not unpacked; empty where it may be."""
    if info.flag_bits & _ENCRYPTED:
        return "is locked by a password. Pack it again without one"
    if info.compress_type not in _METHODS:
        return "is packed in an unusual way. Pack it again as an ordinary zip"
    return ""


def _too_large(name: str, how_much: str) -> BadAudio:
    return BadAudio(
        f"'{name}' unpacks to {how_much}, which is the limit. Choose it by itself, not in a zip.",
        "too_long",
    )


def _size_text(n_bytes: int) -> str:
    return f"{n_bytes // _GB} GB" if n_bytes >= _GB else f"{n_bytes // _MB} MB"
