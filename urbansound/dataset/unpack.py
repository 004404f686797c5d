"""Unpack a dataset's archive: plain files and folders below one name, nothing else."""

import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

from urbansound.dataset.inflated import MOST_AT_ONCE, Inflated, RefusedArchive
from urbansound.dataset.member_names import MemberNames
from urbansound.errors import DownloadFailed
from urbansound.files import replace_patiently

# What watches over a computer with Windows looks at each of the new files first.
_RENAMED_WITHIN_S = 60.0
_HAS_SYNC = hasattr(os, "sync")  # Windows has none: there each file is flushed by itself.
PLAIN_TYPES = (tarfile.REGTYPE, tarfile.AREGTYPE)
# The dataset has 8,732 sounds and a few files more.
MAX_MEMBERS = 20_000
# Headers and padding of so many small files.
_OVERHEAD = 1 << 26
# What tarfile and zlib raise at bytes that are no archive.
_BROKEN = (
    *(OSError, EOFError, tarfile.TarError, zlib.error),
    *(ValueError, OverflowError, RecursionError),
)


def unpack(
    archive: Path,
    destination: Path,
    *,
    max_bytes: int,
    on_read: Callable[[int], None],
) -> None:
    """Put the .tar.gz archive's one top folder at `destination`, whole or not at all.

    The archive must hold plain files and folders whose names stay below a folder named as
    `destination` is, at most `max_bytes` together. Nothing is written outside a temporary
    folder beside `destination`, which then takes its name. `on_read(n)` hears how many bytes
    of the archive were read and may raise to stop. DownloadFailed says what went wrong, and
    RefusedArchive what of the archive was refused.
    """
    folder = Path(tempfile.mkdtemp(prefix=_prefix(destination), dir=destination.parent))
    try:
        with open(archive, "rb") as file:
            for _ in _extract(file, folder, destination.name, max_bytes):
                on_read(file.tell())
        unpacked = folder / destination.name
        if not unpacked.is_dir():
            raise RefusedArchive(f"'{archive}' holds no folder '{destination.name}'.")
        _flush_all()
        replace_patiently(unpacked, destination, within_s=_RENAMED_WITHIN_S)
    except _BROKEN as error:
        raise DownloadFailed(
            f"'{archive}' could not be unpacked into '{destination.parent}': {error}."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(destination: Path) -> None:
    """Remove what killed processes were unpacking for `destination`; no other may be at it."""
    for folder in destination.parent.glob(f"{_prefix(destination)}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _prefix(destination: Path) -> str:
    return f".{destination.name}.unpacking-"


def _flush_all() -> None:
    """Files lie on the disk before a power cut could find them under their last name."""
    if _HAS_SYNC:
        os.sync()


def _extract(file: IO[bytes], folder: Path, top: str, max_bytes: int) -> Iterator[None]:
    names, n_bytes = MemberNames(top), 0
    inflated = Inflated(file, max_bytes + _OVERHEAD)
    with tarfile.TarFile(fileobj=cast(IO[bytes], inflated)) as tar:
        for n_members, member in enumerate(tar, start=1):
            path = folder / _safe_name(member, names)
            n_bytes += member.size
            if n_bytes > max_bytes or n_members > MAX_MEMBERS:
                raise RefusedArchive(
                    f"The archive unpacks to more than {max_bytes:,} bytes or {MAX_MEMBERS:,} "
                    "files; that is not the dataset. Nothing was kept of it."
                )
            _write_member(tar, member, path)
            yield
        inflated.finish()


def _write_member(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    if source is None:
        raise RefusedArchive(f"The archive's '{member.name}' is not a plain file.")
    # Exclusive creation: a second member of one name is refused, not followed.
    with source, open(path, "xb") as file:
        shutil.copyfileobj(source, file, MOST_AT_ONCE)
        if not _HAS_SYNC:
            file.flush()
            os.fsync(file.fileno())


def _safe_name(member: tarfile.TarInfo, names: MemberNames) -> str:
    """The member's relative path, once it is sure that it is plain and stays below its top."""
    is_plain = member.isdir() or member.type in PLAIN_TYPES
    if not is_plain or member.sparse is not None:
        reason = "is a link or a device, not a plain file"
    elif member.size < 0:
        reason = "has a negative size"
    else:
        reason = names.find_fault(member.name, is_folder=member.isdir())
    if reason:
        raise RefusedArchive(
            f"The archive's member {_short(member.name)!r} {reason}, so the archive was refused "
            "and nothing of it was kept."
        )
    return member.name


def _short(name: str) -> str:
    return name if len(name) <= 100 else f"{name[:99]}…"
