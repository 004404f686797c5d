"""Unpack a dataset's archive: plain files and folders below one name, nothing else."""

import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from urbansound.errors import DownloadFailed

PLAIN_TYPES = (tarfile.REGTYPE, tarfile.AREGTYPE)


def unpack(
    archive: Path,
    destination: Path,
    *,
    max_bytes: int,
    on_member: Callable[[int], None],
) -> None:
    """Put the archive's one top folder at `destination`, whole or not at all.

    The archive must hold plain files and folders whose names stay below a folder named as
    `destination` is, at most `max_bytes` together. Nothing is written outside a temporary
    folder beside `destination`, which then takes its name. `on_member(n)` hears the bytes
    unpacked so far and may raise to stop. DownloadFailed names what was refused.
    """
    folder = Path(tempfile.mkdtemp(prefix=f".{destination.name}.", dir=destination.parent))
    try:
        for n_bytes in _extract(archive, folder, destination.name, max_bytes):
            on_member(n_bytes)
        unpacked = folder / destination.name
        if not unpacked.is_dir():
            raise DownloadFailed(f"'{archive}' holds no folder '{destination.name}'.")
        unpacked.replace(destination)
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError) as error:
        raise DownloadFailed(
            f"'{archive}' could not be unpacked into '{destination.parent}': {error}."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _extract(archive: Path, folder: Path, top: str, max_bytes: int) -> Iterator[int]:
    n_bytes = 0
    with tarfile.open(archive, "r|*") as tar:
        for member in tar:
            path = folder / _safe_name(member, top)
            n_bytes += member.size
            if n_bytes > max_bytes:
                raise DownloadFailed(
                    f"'{archive}' unpacks to more than {max_bytes:,} bytes; that is not "
                    "the dataset. Nothing was kept of it."
                )
            _write_member(tar, member, path)
            yield n_bytes


def _write_member(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    if source is None:
        raise DownloadFailed(f"The archive's '{member.name}' is not a plain file.")
    # Exclusive creation: a second member of one name is refused, not followed.
    with source, open(path, "xb") as file:
        shutil.copyfileobj(source, file)


def _safe_name(member: tarfile.TarInfo, top: str) -> PurePosixPath:
    """The member's relative path, once it is sure that it is plain and stays below `top`."""
    if not (member.isdir() or member.type in PLAIN_TYPES) or member.sparse is not None:
        raise _refused(member, "is a link or a device, not a plain file")
    name = PurePosixPath(member.name)
    is_odd = not member.name.isprintable() or any(c in member.name for c in "\\:")
    if is_odd or name.is_absolute() or ".." in name.parts:
        raise _refused(member, "does not have a plain relative name")
    if name.parts[:1] != (top,) and name.parts:
        raise _refused(member, f"lies outside the folder '{top}'")
    if not member.isdir() and len(name.parts) < 2:
        raise _refused(member, f"takes the place of the folder '{top}'")
    return name


def _refused(member: tarfile.TarInfo, reason: str) -> DownloadFailed:
    return DownloadFailed(
        f"The archive's member {member.name!r} {reason}, so the archive was refused "
        "and nothing of it was kept."
    )
