"""Fetch UrbanSound8K: resumed where it broke off, verified, then unpacked."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from urbansound.dataset.index import OFFICIAL_NAME, load_dataset
from urbansound.dataset.inflated import RefusedArchive
from urbansound.dataset.part_file import PartFile
from urbansound.dataset.transfer import Source, fetch
from urbansound.dataset.unpack import sweep, unpack
from urbansound.errors import BadDataset, DownloadFailed
from urbansound.wording import size_text

URL = "https://zenodo.org/records/1203745/files/UrbanSound8K.tar.gz"
MD5 = "9aa69802bbf37fb986f71ec1483a196e"
N_BYTES = 6_023_741_708

# The sounds hardly compress; more than this is not the dataset.
MAX_GROWTH = 2.0
EXPECTED_GROWTH = 1.25

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class _Job:
    """One download: from where, to where, and how the file is known to be whole."""

    source: Source
    md5: str
    part: PartFile
    root: Path
    on_progress: Progress
    should_stop: Callable[[], bool]

    def report(self, stage: str, done: int) -> None:
        """Tell the progress; DownloadFailed when asked to stop."""
        if self.should_stop():
            raise DownloadFailed(f"Stopped. {kept_text(self.root.parent)}")
        self.on_progress(stage, done, self.source.n_bytes)


def download(
    root_parent: Path,
    *,
    url: str = URL,
    md5: str = MD5,
    n_bytes: int = N_BYTES,
    on_progress: Progress = lambda stage, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
    first_wait_s: float = 1.0,
    timeout_s: float = 20.0,
) -> Path:
    """The root of UrbanSound8K inside `root_parent`, fetched unless it stands there whole.

    `on_progress(stage, done, total)` hears bytes of the archive in the stages "fetch",
    "verify" and "unpack". A broken connection is tried again, see `transfer.fetch`.
    DownloadFailed says what went wrong; what was fetched is kept for next time, unless its
    checksum is wrong.
    """
    source = Source(url, n_bytes, timeout_s, first_wait_s)
    root, part = root_parent / OFFICIAL_NAME, _part(root_parent)
    job = _Job(source, md5, part, root, on_progress, should_stop)
    try:
        root_parent.mkdir(parents=True, exist_ok=True)
        with FileLock(part.path.with_suffix(".lock"), timeout=0):
            # What a killed process was unpacking takes the space that is looked for next.
            sweep(root)
            if not _is_whole(root):
                _fetch_and_unpack(job)
            part.remove()
    except Timeout as error:
        raise DownloadFailed(f"Another download into '{root_parent}' is under way.") from error
    except OSError as error:
        raise DownloadFailed(
            f"'{root_parent}' cannot be written: {error}. What was fetched is kept."
        ) from error
    return root


def n_kept(root_parent: Path) -> int:
    """Bytes that an earlier download into this folder has left to go on from."""
    return _part(root_parent).n_bytes


def kept_text(root_parent: Path) -> str:
    """What is kept of a download that has ended early, and what to do with it."""
    return (
        f"{size_text(n_kept(root_parent))} are kept in '{_part(root_parent).path}': start the "
        "download again to go on from there."
    )


def _part(root_parent: Path) -> PartFile:
    return PartFile(root_parent / f"{OFFICIAL_NAME}.tar.gz.part")


def _is_whole(root: Path) -> bool:
    """Whether the dataset is there; DownloadFailed where something else is in its place."""
    if not root.exists():
        return False
    try:
        index = load_dataset(root)
    except BadDataset as error:
        raise DownloadFailed(
            f"'{root}' exists but is not the dataset: {error} Move it away first."
        ) from error
    n_missing = sum(not _has_bytes(index.audio_path(clip)) for clip in index.clips)
    if n_missing:
        raise DownloadFailed(
            f"'{root}' exists but {n_missing:,} of its {len(index.clips):,} sounds are missing or "
            "empty. Move it away first."
        )
    return True


def _has_bytes(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _fetch_and_unpack(job: _Job) -> None:
    if job.part.n_bytes > job.source.n_bytes:
        job.part.remove()
    _check_free_space(job)
    fetch(job.source, job.part, lambda done: job.report("fetch", done))
    _verify(job)
    try:
        unpack(
            job.part.path,
            job.root,
            max_bytes=int(job.source.n_bytes * MAX_GROWTH),
            on_read=lambda done: job.report("unpack", done),
        )
    except RefusedArchive:
        job.part.remove()
        raise


def _check_free_space(job: _Job) -> None:
    n_bytes = job.source.n_bytes
    needed = n_bytes - job.part.n_bytes + int(n_bytes * EXPECTED_GROWTH)
    free = shutil.disk_usage(job.root.parent).free
    if free < needed:
        raise DownloadFailed(
            f"'{job.root.parent}' has {size_text(free)} free; {size_text(needed)} are needed to "
            "fetch and unpack the sounds. Free some space, or choose another folder."
        )


def _verify(job: _Job) -> None:
    """Compare the file's checksum with the published one; a wrong file is removed."""
    digest = hashlib.md5(usedforsecurity=False)
    done = 0
    with open(job.part.path, "rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
            done += len(block)
            job.report("verify", done)
    if digest.hexdigest() != job.md5:
        job.part.remove()
        raise DownloadFailed(
            f"What '{job.source.url}' gave is not the dataset: its checksum is "
            f"{digest.hexdigest()}, expected {job.md5}. It was deleted; start the download again."
        )
