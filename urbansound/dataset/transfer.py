"""A file fetched over a line that may break, by as many connections as it takes."""

import email.utils
import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO
from urllib.parse import urlsplit

from urbansound import __version__
from urbansound.dataset.part_file import PartFile, Version
from urbansound.errors import DownloadFailed
from urbansound.wording import seconds_text, size_text

BLOCK = 1 << 18
MAX_WAIT_S = 30.0
# A server that asks for a longer rest is not waited for.
MAX_ASKED_WAIT_S = 300.0
TRIES_WITHOUT_PROGRESS = 6
USER_AGENT = f"UrbanSoundLab/{__version__} (python-urllib)"
_RETRIED_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
# A ValueError is an address to go on to that is none.
_DROPPED = (OSError, http.client.HTTPException, ValueError)
_RANGE = re.compile(r"bytes (\d{1,18})-\d+/(\d{1,18}|\*)")
_TOTAL = re.compile(r"bytes \*/(\d{1,18})")
_SECONDS = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class Source:
    """Where a file of known size is to be had, and how patiently."""

    url: str
    n_bytes: int
    timeout_s: float = 20.0
    first_wait_s: float = 1.0


@dataclass(frozen=True)
class _Setback:
    """Why a connection did not bring the rest, and how long the server asks to be left alone."""

    reason: str
    wait_s: float = 0.0


def fetch(source: Source, part: PartFile, on_bytes: Callable[[int], None]) -> None:
    """Fill the .part file to the source's size; what lies there is not fetched again.

    A connection that breaks, or brings nothing for `timeout_s`, is tried again after
    `first_wait_s`, then twice as many, or as long as the server asks; one that brought
    something makes that begin anew. `on_bytes(n)` hears what lies there and may raise to stop.
    DownloadFailed where the server has another file, refuses, or gave nothing six times.
    """
    tries, furthest, wait_s = 0, part.n_bytes, source.first_wait_s
    while part.n_bytes < source.n_bytes:
        setback = _try(source, part, on_bytes)
        # Counted from the furthest: a server that starts over each time makes no progress.
        if part.n_bytes > furthest:
            tries, furthest, wait_s = 0, part.n_bytes, source.first_wait_s
        if part.n_bytes < source.n_bytes:
            tries += 1
            if tries == TRIES_WITHOUT_PROGRESS:
                raise _given_up(source, part, setback.reason)
            _pause(max(wait_s, setback.wait_s), part, on_bytes)
            wait_s = min(2 * wait_s, MAX_WAIT_S)
    part.flush()


def _try(source: Source, part: PartFile, on_bytes: Callable[[int], None]) -> _Setback:
    """Append what one connection brings, and say why it brought no more."""
    opener = urllib.request.build_opener(_SafeRedirects)
    try:
        with opener.open(_request(source, part), timeout=source.timeout_s) as response:
            problem = _prepare(response, source, part)
            if not problem:
                _copy(response, source, part, on_bytes)
            return _Setback(problem or "the server closed the connection early")
    except urllib.error.HTTPError as error:
        with error:
            return _refusal(error, source, part)
    except _DROPPED as error:
        return _Setback(str(getattr(error, "reason", error)) or type(error).__name__)


def _request(source: Source, part: PartFile) -> urllib.request.Request:
    headers = {"User-Agent": USER_AGENT}
    if part.n_bytes:
        headers["Range"] = f"bytes={part.n_bytes}-"
        if condition := part.version().condition:
            headers["If-Range"] = condition
    return urllib.request.Request(source.url, headers=headers)


def _prepare(response: http.client.HTTPResponse, source: Source, part: PartFile) -> str:
    """Make the .part file ready for what this answer brings; why it cannot be used, or ""."""
    version = _version(response.headers)
    if problem := _is_no_file(response):
        return problem
    if response.status == 200:
        _check_size(source, part, response.length)
        part.begin(version)
        return ""
    found = _RANGE.fullmatch(response.headers.get("Content-Range") or "")
    if found is None:
        return _start_over(part, "the server did not say which part of the file it gave")
    start, total = int(found[1]), found[2]
    _check_size(source, part, None if total == "*" else int(total))
    if start != part.n_bytes:
        return _start_over(part, "the server gave another part of the file than it was asked for")
    if version.is_another_than(part.version()):
        return _start_over(part, "the file has changed on the server")
    if start == 0:
        part.begin(version)
    return ""


def _is_no_file(response: http.client.HTTPResponse) -> str:
    """Why an answer, "come back later" as like as not, is no reason to give up what is kept."""
    if response.status not in (200, 206):
        return f"the server answered {response.status} without the file"
    is_text = response.headers.get("Content-Type", "").strip().lower().startswith("text/")
    return "the server gave a page in place of the file" if is_text else ""


def _start_over(part: PartFile, reason: str) -> str:
    part.remove()
    return reason


def _version(headers: http.client.HTTPMessage) -> Version:
    return Version(headers.get("ETag") or "", headers.get("Last-Modified") or "")


def _check_size(source: Source, part: PartFile, n_bytes: int | None) -> None:
    """DownloadFailed where the server has a file of another size; None is not known."""
    if n_bytes is not None and n_bytes != source.n_bytes:
        raise DownloadFailed(
            f"'{source.url}' gives {n_bytes:,} bytes; the dataset has {source.n_bytes:,}, so it is "
            f"something else. {size_text(part.n_bytes)} fetched before are kept. Try again later."
        )


def _copy(
    response: http.client.HTTPResponse,
    source: Source,
    part: PartFile,
    on_bytes: Callable[[int], None],
) -> None:
    done = part.n_bytes
    with part.open_end() as file:
        while block := response.read1(min(BLOCK, source.n_bytes - done)):
            part.append(file, block)
            done += len(block)
            on_bytes(done)


def _refusal(error: urllib.error.HTTPError, source: Source, part: PartFile) -> _Setback:
    """What an answer of 3xx to 5xx means; DownloadFailed where the next try would end as this."""
    said = f"the server answered {error.code} ({error.reason})"
    if error.code == 416:
        total = _TOTAL.fullmatch(error.headers.get("Content-Range") or "")
        _check_size(source, part, int(total[1]) if total else None)
        return _Setback(_start_over(part, said))
    if error.code not in _RETRIED_STATUS:
        raise DownloadFailed(
            f"The server answered {error.code} ({error.reason}) for '{error.url}'. "
            f"{size_text(part.n_bytes)} are kept. Try again later."
        )
    wait_s = _asked_wait(error.headers.get("Retry-After") or "")
    if wait_s > MAX_ASKED_WAIT_S:
        raise DownloadFailed(
            f"{said[0].upper()}{said[1:]} and asks to wait {seconds_text(wait_s)}. "
            f"{size_text(part.n_bytes)} are kept; start the download again then."
        )
    return _Setback(said, wait_s)


def _asked_wait(text: str) -> float:
    """Seconds that a Retry-After asks for, given so or as a date; 0 where it says nothing."""
    if _SECONDS.fullmatch(text.strip()):
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _given_up(source: Source, part: PartFile, reason: str) -> DownloadFailed:
    return DownloadFailed(
        f"'{source.url}' could not be fetched: {reason}. {size_text(part.n_bytes)} of "
        f"{size_text(source.n_bytes)} are kept; start the download again to go on from there."
    )


def _pause(seconds: float, part: PartFile, on_bytes: Callable[[int], None]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        on_bytes(part.n_bytes)
        time.sleep(min(left, 0.2))


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
