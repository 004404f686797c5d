"""Fetch UrbanSound8K: resumed where it broke off, verified, then unpacked."""

import errno
import hashlib
import http.client
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from urbansound import __version__
from urbansound.dataset.index import OFFICIAL_NAME, load_dataset
from urbansound.dataset.unpack import unpack
from urbansound.errors import BadDataset, DownloadFailed

URL = "https://zenodo.org/records/1203745/files/UrbanSound8K.tar.gz"
MD5 = "9aa69802bbf37fb986f71ec1483a196e"
N_BYTES = 6_023_741_708

# The sounds hardly compress; more than this is not the dataset.
MAX_GROWTH = 2.0
EXPECTED_GROWTH = 1.25
BLOCK = 1 << 18
TIMEOUT_S = 30.0
MAX_WAIT_S = 30.0
TRIES_WITHOUT_PROGRESS = 6
_RETRIED_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DROPPED = (OSError, http.client.HTTPException)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class _Job:
    """One download: from where, to where, and how the file is known to be whole."""

    url: str
    md5: str
    n_bytes: int
    part: Path
    root: Path
    on_progress: Progress
    should_stop: Callable[[], bool]

    def report(self, stage: str, done: int) -> None:
        """Tell the progress; DownloadFailed when asked to stop."""
        if self.should_stop():
            raise DownloadFailed(
                f"Stopped. {_size(self.fetched)} are kept in '{self.part}': "
                "start the download again to go on from there."
            )
        self.on_progress(stage, done, self.n_bytes)

    @property
    def fetched(self) -> int:
        """Bytes that lie in the .part file."""
        return self.part.stat().st_size if self.part.exists() else 0


def download(
    root_parent: Path,
    *,
    url: str = URL,
    md5: str = MD5,
    n_bytes: int = N_BYTES,
    on_progress: Progress = lambda stage, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
    first_wait_s: float = 1.0,
) -> Path:
    """The root of UrbanSound8K inside `root_parent`, fetched unless it stands there whole.

    `on_progress(stage, done, total)` hears bytes in the stages "fetch", "verify" and
    "unpack". A broken connection is tried again after `first_wait_s` seconds, then twice
    as many. DownloadFailed says what went wrong; what was fetched is kept for next time,
    unless its checksum is wrong.
    """
    root = root_parent / OFFICIAL_NAME
    part = root_parent / f"{OFFICIAL_NAME}.tar.gz.part"
    job = _Job(url, md5, n_bytes, part, root, on_progress, should_stop)
    try:
        root_parent.mkdir(parents=True, exist_ok=True)
        with FileLock(part.with_suffix(".lock"), timeout=0):
            if not _is_whole(root):
                _fetch_and_unpack(job, first_wait_s)
    except Timeout as error:
        raise DownloadFailed(f"Another download into '{root_parent}' is under way.") from error
    except OSError as error:
        raise DownloadFailed(
            f"'{root_parent}' cannot be written: {error}. What was fetched is kept."
        ) from error
    return root


def _is_whole(root: Path) -> bool:
    """Whether the dataset is there; DownloadFailed where something else is in its place."""
    if not root.exists():
        return False
    try:
        load_dataset(root)
    except BadDataset as error:
        raise DownloadFailed(
            f"'{root}' exists but is not the dataset: {error} Move it away first."
        ) from error
    return True


def _fetch_and_unpack(job: _Job, first_wait_s: float) -> None:
    if job.fetched > job.n_bytes:
        job.part.unlink()
    _check_free_space(job)
    _fetch(job, first_wait_s)
    _verify(job)
    unpack(
        job.part,
        job.root,
        max_bytes=int(job.n_bytes * MAX_GROWTH),
        on_member=lambda done: job.report("unpack", min(done, job.n_bytes)),
    )
    job.part.unlink()


def _check_free_space(job: _Job) -> None:
    needed = job.n_bytes - job.fetched + int(job.n_bytes * EXPECTED_GROWTH)
    free = shutil.disk_usage(job.root.parent).free
    if free < needed:
        raise DownloadFailed(
            f"'{job.root.parent}' has {_size(free)} free; {_size(needed)} are needed to fetch "
            "and unpack the sounds. Free some space, or choose another folder."
        )


def _fetch(job: _Job, first_wait_s: float) -> None:
    """Fill the .part file to its full size, trying again while the connection drops."""
    tries, wait_s = 0, first_wait_s
    while job.fetched < job.n_bytes:
        before = job.fetched
        try:
            _fetch_some(job)
            reason = "the server closed the connection early"
        except _DROPPED as error:
            reason = _reason(error)
        if job.fetched > before:
            tries, wait_s = 0, first_wait_s
        if job.fetched < job.n_bytes:
            tries += 1
            if tries == TRIES_WITHOUT_PROGRESS:
                raise _given_up(job, reason)
            _pause(wait_s, job)
            wait_s = min(2 * wait_s, MAX_WAIT_S)


def _reason(error: Exception) -> str:
    """Why a try failed; DownloadFailed at once where the next try would fail the same way."""
    if isinstance(error, urllib.error.HTTPError):
        with error:
            if error.code not in _RETRIED_STATUS:
                raise DownloadFailed(
                    f"The server answered {error.code} ({error.reason}) for '{error.url}'. "
                    "Try again later."
                ) from error
    elif isinstance(error, OSError) and (error.filename or error.errno in _DISK_FULL):
        raise error
    return str(error) or type(error).__name__


def _given_up(job: _Job, reason: str) -> DownloadFailed:
    return DownloadFailed(
        f"'{job.url}' could not be fetched: {reason}. {_size(job.fetched)} of "
        f"{_size(job.n_bytes)} are kept; start the download again to go on from there."
    )


def _pause(seconds: float, job: _Job) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        job.report("fetch", job.fetched)
        time.sleep(min(left, 0.2))


def _fetch_some(job: _Job) -> None:
    """Append what the server gives; from the start where it cannot give the rest alone."""
    start = job.fetched
    headers = {"User-Agent": f"UrbanSoundLab/{__version__} (python-urllib)"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(job.url, headers=headers)
    opener = urllib.request.build_opener(_SafeRedirects)
    try:
        response = opener.open(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        error.close()
        job.part.unlink(missing_ok=True)
        return
    with response:
        is_rest = response.status == 206 and _starts_at(response, start)
        with open(job.part, "ab" if is_rest else "wb") as file:
            _copy(response, file, job)


def _starts_at(response: http.client.HTTPResponse, start: int) -> bool:
    return (response.headers.get("Content-Range") or "").startswith(f"bytes {start}-")


def _copy(response: http.client.HTTPResponse, file: IO[bytes], job: _Job) -> None:
    done = file.tell()
    while block := response.read1(BLOCK):
        done += len(block)
        if done > job.n_bytes:
            raise DownloadFailed(
                f"'{job.url}' gives more than the {job.n_bytes:,} bytes of the dataset, "
                "so it is something else. Try again later."
            )
        file.write(block)
        job.report("fetch", done)


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only where it does not leave an encrypted connection."""

    def redirect_request(  # noqa: PLR0917 - the base class's signature
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The request to follow; DownloadFailed where it is not safe to."""
        allowed = ("https", "http") if req.type == "http" else ("https",)
        if urlsplit(newurl).scheme not in allowed:
            raise DownloadFailed(
                f"'{req.full_url}' leads on to '{newurl}', which is not encrypted. "
                "Nothing was fetched from there."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _verify(job: _Job) -> None:
    """Compare the file's checksum with the published one; a wrong file is removed."""
    digest = hashlib.md5(usedforsecurity=False)
    done = 0
    with open(job.part, "rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
            done += len(block)
            job.report("verify", done)
    if digest.hexdigest() != job.md5:
        job.part.unlink()
        raise DownloadFailed(
            f"What '{job.url}' gave is not the dataset: its checksum is {digest.hexdigest()}, "
            f"expected {job.md5}. It was deleted; start the download again."
        )


def _size(n_bytes: int) -> str:
    if n_bytes >= 1e9:
        return f"{n_bytes / 1e9:.1f} GB"
    return f"{n_bytes / 1e6:.1f} MB"
