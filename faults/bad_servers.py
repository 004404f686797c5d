"""Servers that ignore, refuse, lie, change and fall silent, and what a download must make of it."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial
from pathlib import Path

from faults.fetched import Fetched, pack
from faults.range_server import (
    Act,
    Answer,
    RangeServer,
    md5_of,
    running,
    self_signed,
    serve_well,
)
from urbansound.dataset.download import download
from urbansound.errors import DownloadFailed

_WAIT_S, _TIMEOUT_S = 0.01, 1.0


@dataclass(frozen=True)
class Bad:
    """What a server does after a first connection that broke, and how a download must end.

    `then` is done once each, `last` for ever after. `error` is what the sentence says, "" where
    the file must be right in spite of it. `is_kept`: what was fetched is not thrown away.
    `waits_s` is how long at least it must have waited after the second connection. One that
    `changes` begins with another file.
    """

    then: Sequence[Act] = ()
    last: Act = serve_well
    error: str = ""
    is_kept: bool = False
    waits_s: float = 0.0
    changes: bool = False
    hears_condition: bool = True
    has_etag: bool = True


@dataclass(frozen=True)
class Fault:
    """A kind of bad server, in all its variants."""

    what: str
    kinds: Sequence[Bad]


def _status(code: int, **headers: object) -> Act:
    return lambda answer: answer.head(code, Content_Length=0, **headers)


def _ignore_range(answer: Answer) -> None:
    answer.head(200, Content_Length=len(answer.server.content))
    answer.send(0)


def _claim(answer: Answer, *, more: int) -> None:
    """Another length than the file has, wherever a length is said."""
    size, start = len(answer.server.content) + more, answer.visit.start
    span = {"Content_Range": f"bytes {start}-{size - 1}/{size}"} if start else {}
    answer.head(206 if start else 200, Content_Length=size - start, **span)
    answer.send(start)


def _no_length(answer: Answer, *, more: int) -> None:
    """The file from its first byte, of no claimed length, with more or fewer bytes than it has."""
    answer.head(200)
    answer.send(0, len(answer.server.content) + min(more, 0))
    answer.request.wfile.write(b"?" * max(more, 0))


def _other_part(answer: Answer) -> None:
    size, start = len(answer.server.content), answer.visit.start // 2 + 1
    answer.head(206, Content_Range=f"bytes {start}-{size - 1}/{size}", Content_Length=size - start)
    answer.send(start)


def _nothing(answer: Answer) -> None:
    answer.head(204)


def _change(wanted: bytes, answer: Answer, *, hears_condition: bool) -> None:
    """From now on the server has another file, of the same size: the one that is wanted."""
    answer.server.content = wanted
    if answer.server.etag:
        answer.server.etag = '"two"'
    if not hears_condition:
        answer.visit.condition = ""
    serve_well(answer)


def _stall(answer: Answer, *, is_begun: bool) -> None:
    if is_begun:
        start = answer.begin()
        answer.send(start, start + 1000)
    answer.stall()


def _babble(answer: Answer) -> None:
    answer.request.wfile.write(b"\x00\xffno HTTP at all\r\n\r\n")


def _loop(answer: Answer) -> None:
    answer.head(302, Location=answer.server.url, Content_Length=0)


def _break_off(answer: Answer, *, at: int) -> None:
    start = answer.begin()
    answer.send(start, max(start, at))


def _busy_until_soon(answer: Answer) -> None:
    answer.head(429, Content_Length=0, Retry_After=formatdate(time.time() + 3, usegmt=True))


_busy = partial(_status, 429)
FAULTS = (
    Fault("a server that ignores Range", [Bad(last=_ignore_range)]),
    Fault(
        "one that answers 416",
        [
            Bad([_status(416)]),
            Bad(last=_status(416), error="416"),
            Bad(last=_status(416, Content_Range="bytes */10"), error="10 bytes", is_kept=True),
        ],
    ),
    Fault(
        "429",
        [
            Bad([_busy(Retry_After=1)], waits_s=1.0),
            Bad([_busy_until_soon], waits_s=1.0),
            Bad([_busy(), _busy(Retry_After="soon"), _busy(Retry_After=0)]),
            Bad([_busy(Retry_After="Mon, 01 Jan 2001 00:00:00 GMT")]),
            Bad(last=_busy(Retry_After=86400), error="asks to wait 24 h", is_kept=True),
            Bad(
                last=_busy(Retry_After="Fri, 01 Jan 2100 00:00:00 GMT"),
                error="asks to wait",
                is_kept=True,
            ),
        ],
    ),
    Fault("403", [Bad(last=_status(403), error="answered 403", is_kept=True)]),
    Fault(
        "500 and its kind",
        [
            Bad([_status(500), _status(502), _status(503), _status(504)]),
            Bad(last=_status(500), error="answered 500", is_kept=True),
        ],
    ),
    Fault(
        "one that lies about the length",
        [
            Bad(last=partial(_claim, more=1000), error="something else", is_kept=True),
            Bad(last=partial(_claim, more=-1000), error="something else", is_kept=True),
            Bad(last=partial(_no_length, more=1000)),
            Bad([partial(_no_length, more=-1000)]),
            Bad(last=partial(_no_length, more=-1000), error="closed the connection early"),
            Bad([_other_part]),
            Bad([_nothing]),
        ],
    ),
    Fault(
        "one that changes the file",
        [
            Bad(changes=True),
            Bad(changes=True, hears_condition=False),
            Bad(changes=True, has_etag=False, error="its checksum is"),
        ],
    ),
    Fault(
        "one that falls silent",
        [Bad([partial(_stall, is_begun=True)]), Bad([partial(_stall, is_begun=False)])],
    ),
    Fault("one that speaks no HTTP", [Bad([_babble]), Bad(last=_babble, error="could not be")]),
    Fault("one that leads in a circle", [Bad(last=_loop, error="answered 302", is_kept=True)]),
)


def try_bad(folder: Path, files: dict[str, bytes], bad: Bad, rng: random.Random) -> Sequence[str]:
    """Download from such a server, then from a good one; what was wrong, in words."""
    fetched, wanted = Fetched(folder, files), pack(files)
    at = rng.randrange(1000, len(wanted) - 2000)
    server = RangeServer(wanted, fetched.n_written, '"one"' if bad.has_etag else "")
    server.acts, server.last = [partial(_break_off, at=at), *bad.then], bad.last
    if bad.changes:
        server.content = rng.randbytes(len(wanted))
        server.last = partial(_change, wanted, hears_condition=bad.hears_condition)
    get = partial(download, folder, md5=md5_of(wanted), n_bytes=len(wanted))
    with running(server):
        get = partial(get, url=server.url, first_wait_s=_WAIT_S, timeout_s=_TIMEOUT_S)
        problems = [_try(get, bad.error)]
        if bad.error:
            is_lost = bad.is_kept and fetched.n_written() < at
            problems += [fetched.find_remains(), "what was fetched is lost" if is_lost else ""]
            server.last = serve_well
            problems.append(_try(get, ""))
    if bad.waits_s:
        waited_s = server.visits[2].at_s - server.visits[1].at_s
        problems.append("" if waited_s >= bad.waits_s else f"waited {waited_s:.1f} s only")
    return [*problems, fetched.find_fault()]


def _try(get: Callable[[], Path], error: str) -> str:
    """Whether a download ends as it should: with the file, or saying these words."""
    try:
        get()
    except DownloadFailed as failed:
        is_expected = bool(error) and error in str(failed)
        return "" if is_expected else f"it said: {failed}"
    return f"it did not say '{error}'" if error else ""


def try_redirect(
    folder: Path, files: dict[str, bytes], rng: random.Random, how: str
) -> Sequence[str]:
    """An encrypted server that breaks off, then leads on to one that is not."""
    fetched, wanted = Fetched(folder / "data", files), pack(files)
    at = rng.randrange(1000, len(wanted))
    tls, certificate = self_signed(folder)
    fetched.environment["SSL_CERT_FILE"] = str(certificate)
    fetched.folder.mkdir()
    plain = RangeServer(wanted, fetched.n_written)
    encrypted = RangeServer(wanted, fetched.n_written)
    with running(plain), running(encrypted, tls):
        encrypted.acts = [partial(_break_off, at=at)]
        encrypted.last = _status(302, Location=plain.url)
        code, said = fetched.run(encrypted, how)
    return [
        "" if code == 1 and "not encrypted" in said else f"ended with {code}: {said}",
        "" if fetched.n_written() == at else f"{fetched.n_written()} of {at} bytes are kept",
        "bytes were asked for without encryption" if plain.visits else "",
        fetched.find_remains(),
    ]
