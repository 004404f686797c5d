"""Decoding processes on Linux: forked in milliseconds by one warm process, `zygote`."""

import contextlib
import errno
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
import weakref
from dataclasses import asdict
from pathlib import Path
from typing import IO

from urbansound.audio.limits import Limits
from urbansound.processes import child_environment, module_command

FORKED = b"+"  # what the leash says when the process is there
NOT_FORKED = b"-"

_MEMFD_BYTES = 1 << 24
_STATUS_WAIT_S = 5.0
_START_S = 60.0
_TRIES = 3


class Fork:
    """One process that decodes one file."""

    def __init__(self, messages: socket.socket, leash: socket.socket) -> None:
        self._messages = messages
        self._leash = leash

    def is_begun(self) -> bool:
        """Whether the process is there; waits for that. False where what forks has died.

        OSError where it lives, but the system allows no more processes.
        """
        self._leash.settimeout(_START_S)
        try:
            answer = self._leash.recv(len(FORKED))
        except OSError:
            answer = b""
        if answer == FORKED:
            return True
        self.close()
        if answer == NOT_FORKED:
            raise OSError(errno.EAGAIN, "no more processes")
        return False

    def read(self, n_bytes: int, idle_s: float) -> bytearray:
        """Exactly n bytes; EOFError at the end, TimeoutError where they do not come in idle_s."""
        data = bytearray(n_bytes)
        view = memoryview(data)
        deadline = time.monotonic() + idle_s
        while view:
            self._messages.settimeout(max(1e-6, deadline - time.monotonic()))
            n_read = self._messages.recv_into(view)
            if n_read == 0:
                raise EOFError
            view = view[n_read:]
        return data

    def fate(self) -> str:
        """How the process ended: "slow" by its limit of computing time, else "died"."""
        self._leash.settimeout(_STATUS_WAIT_S)
        try:
            status = self._leash.recv(16)
        except OSError:
            return "died"
        return "slow" if status == str(-signal.SIGXCPU).encode() else "died"

    def close(self) -> None:
        """Let go of the process, which ends it."""
        self._messages.close()
        self._leash.close()


class Zygote:
    """The warm process, started when it is first asked for, and again when it has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[..., Zygote] | None = None

    def warm_up(self) -> None:
        """Start the process, so that the first sound need not wait for it."""
        with self._lock:
            self._ensure_started()

    @property
    def pid(self) -> int | None:
        """The number of the process; None where none was started."""
        return self._process.pid if self._process is not None else None

    def close(self) -> None:
        """End the process, and those that it forked."""
        with self._lock:
            self._stop()

    def begin(self, source: bytes | Path, limits: Limits) -> Fork:
        """A new process that decodes the source; OSError where there is no such file."""
        file = _opened(source)
        try:
            return self._begin(file, json.dumps(asdict(limits)).encode())
        finally:
            os.close(file)

    def _begin(self, file: int, request: bytes) -> Fork:
        for _ in range(_TRIES):
            ours, theirs = socket.socketpair()
            leash, their_leash = socket.socketpair()
            fork = Fork(ours, leash)
            with theirs, their_leash:
                fds = [file, theirs.fileno(), their_leash.fileno()]
                requests = self._send(request, fds)
            if fork.is_begun():
                return fork
            self._give_up(requests)
        raise OSError(errno.ECHILD, "no process that decodes sounds can be started")

    def _send(self, request: bytes, fds: list[int]) -> socket.socket:
        """The socket by which it was sent. To a dead process it goes nowhere."""
        with self._lock:
            requests = self._ensure_started()
            with contextlib.suppress(OSError):
                socket.send_fds(requests, [request], fds, socket.MSG_NOSIGNAL)
            return requests

    def _give_up(self, requests: socket.socket) -> None:
        """End the process behind this socket, unless another thread has replaced it."""
        with self._lock:
            if self._requests is requests:
                self._stop()

    def _stop(self) -> None:
        if self._end is not None:
            self._end()
        self._requests = self._process = None

    def _ensure_started(self) -> socket.socket:
        if self._requests is not None:
            return self._requests
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                module_command("urbansound.audio.zygote"),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=child_environment(),
                start_new_session=True,
            )
        ours.settimeout(_START_S)
        self._requests, self._process = ours, process
        self._end = weakref.finalize(self, _end, ours, process)
        return ours


def _end(requests: socket.socket, process: "subprocess.Popen[bytes]") -> None:
    requests.close()
    process.kill()
    process.wait()


def _opened(source: bytes | Path) -> int:
    """A descriptor, for reading only, of the file or of one without a name with the bytes."""
    if isinstance(source, Path):
        # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        return os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    with _unnamed_file(len(source)) as file:
        file.write(source)
        file.flush()
        return os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)


def _unnamed_file(n_bytes: int) -> IO[bytes]:
    """A file in memory; a large one on disk, where it takes no memory from the app."""
    if n_bytes <= _MEMFD_BYTES:
        return open(os.memfd_create("sound"), "w+b")
    return tempfile.TemporaryFile()
