"""A web server of one file on this machine, that breaks and lies as it is told to."""

import hashlib
import http.server
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

NAME = "UrbanSound8K.tar.gz"
PIECE = 1 << 15
# A line slower than the disk: no more is on its way than this.
_ON_THE_WAY = 1 << 17
_LOOK_EVERY_S = 0.0005
_PATIENCE_S = 3.0
_LINGER_NONE = struct.pack("ii", 1, 0)
_SILENCE_S = 60.0


@dataclass
class Visit:
    """One request: what it asked for, when, and the bytes of the file that it was given."""

    start: int
    agent: str
    condition: str
    at_s: float
    served: int = 0


class Answer:
    """One request being answered, in the ways that the faults need."""

    def __init__(self, request: http.server.BaseHTTPRequestHandler, server: "RangeServer") -> None:
        self.request, self.server = request, server
        wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range") or "")
        start = int(wanted[1]) if wanted else 0
        condition = request.headers.get("If-Range") or ""
        agent = request.headers.get("User-Agent") or ""
        self.visit = Visit(start, agent, condition, time.monotonic())
        server.visits.append(self.visit)
        self._patience_s = _PATIENCE_S

    def head(self, status: int, **headers: object) -> None:
        """The answer's first lines; names of headers with _ for -."""
        self.request.send_response(status)
        for name, value in headers.items():
            self.request.send_header(name.replace("_", "-"), str(value))
        self.request.end_headers()

    def begin(self) -> int:
        """The first lines of the file, or of the part asked for; where that begins."""
        content, etag = self.server.content, self.server.etag
        is_same = self.visit.condition in ("", etag)
        start = self.visit.start if is_same else 0
        known = {"ETag": etag} if etag else {}
        if start:
            span = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self.head(206, Content_Length=len(content) - start, Content_Range=span, **known)
        else:
            self.head(200, Content_Length=len(content), **known)
        return start

    def send(self, start: int, end: int | None = None) -> None:
        """The file from one byte to another, as slowly as it is written down."""
        body = memoryview(self.server.content)[start:end]
        for at in range(0, len(body), PIECE):
            piece = body[at : at + PIECE]
            self.request.wfile.write(piece)
            self.visit.served += len(piece)
            self._keep_pace(start + at + len(piece))

    def _keep_pace(self, sent: int) -> None:
        """Wait until what was sent is written; not for ever, where it is kept in memory."""
        while self.server.n_written() < sent - _ON_THE_WAY and self._patience_s > 0:
            time.sleep(_LOOK_EVERY_S)
            self._patience_s -= _LOOK_EVERY_S

    def reset(self) -> None:
        """Break the connection off as a router does: what was not read yet is lost."""
        self.request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)

    def stall(self) -> None:
        """Say nothing more, until whoever asked has left."""
        self.request.connection.settimeout(_SILENCE_S)
        self.request.connection.recv(1)


Act = Callable[[Answer], None]


def serve_well(answer: Answer) -> None:
    """What a good server does."""
    answer.send(answer.begin())


@dataclass
class RangeServer:
    """What is served and how: the acts one after the other, then `last` for ever.

    `n_written` says how far whoever fetches has come.
    """

    content: bytes
    n_written: Callable[[], int]
    etag: str = '"one"'
    acts: list[Act] = field(default_factory=list)
    last: Act = serve_well
    visits: list[Visit] = field(default_factory=list)
    url: str = ""

    @property
    def md5(self) -> str:
        """Of what is served now."""
        return md5_of(self.content)

    @property
    def n_served(self) -> int:
        """Bytes of the file given altogether."""
        return sum(visit.served for visit in self.visits)

    def fetched_again(self) -> list[int]:
        """For each request but the first: bytes given before it that it asked for again."""
        pairs = zip(self.visits, self.visits[1:], strict=False)
        return [one.start + one.served - after.start for one, after in pairs]


def md5_of(content: bytes) -> str:
    """What the content is known by."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@contextmanager
def running(server: RangeServer, tls: ssl.SSLContext | None = None) -> Iterator[RangeServer]:
    """The server at a free port of this machine; its address is in `url`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = Answer(self, server)
            act = server.acts.pop(0) if server.acts else server.last
            try:
                act(answer)
            except OSError:
                # Whoever asked has left, or was killed.
                self.close_connection = True

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    class Quiet(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: object) -> None:
            """A connection that was broken off is no news."""

    with Quiet(("127.0.0.1", 0), Handler) as listener:
        if tls is not None:
            listener.socket = tls.wrap_socket(listener.socket, server_side=True)
        scheme = "http" if tls is None else "https"
        server.url = f"{scheme}://127.0.0.1:{listener.server_port}/{NAME}"
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()


def self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server of this machine needs to be encrypted, and the file to trust it by."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate
