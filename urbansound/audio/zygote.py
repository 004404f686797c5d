"""The warm process that forks one decoding process per file. Linux only.

It has the decoder loaded, reads requests from the socket on its standard input and forks.
A request is JSON with three file descriptors: the file, where its messages go, and a leash.
The leash tells both ways: when the app lets go of its end, the file's process is killed;
and FORKED, later the exit code of that process, are written to it.
"""

import contextlib
import ctypes
import gc
import json
import os
import selectors
import signal
import socket
from typing import NoReturn

from urbansound.audio.forks import FORKED, NOT_FORKED
from urbansound.audio.limits import Limits
from urbansound.audio.sandbox_child import decode, load_decoder

MAX_REQUEST = 4096
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
_MAX_DESCRIPTORS = 1 << 20


def main() -> None:
    """Serve requests until the app closes its end of the socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    load_decoder()
    gc.freeze()
    with socket.socket(fileno=0) as requests:
        _Forks(requests).serve()


class _Forks:
    """The processes forked so far, and the sockets that say what to do with them."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._alive: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(requests, selectors.EVENT_READ)
        self._wake, wake = socket.socketpair()
        self._wake.setblocking(False)
        wake.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.detach(), warn_on_full_buffer=False)
        self._selector.register(self._wake, selectors.EVENT_READ)

    def serve(self) -> None:
        """Fork, kill and reap, until nobody is there to ask for it."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._requests:
                    if not self._answer_request():
                        return self._end()
                elif key.fileobj is self._wake:
                    self._wake.recv(4096)
                    self._reap()
                elif key.data in self._alive:
                    os.kill(key.data, signal.SIGKILL)
                    self._selector.unregister(key.fileobj)

    def _answer_request(self) -> bool:
        data, fds, _, _ = socket.recv_fds(self._requests, MAX_REQUEST, 3)
        if not data:
            return False
        file, out, leash_fd = fds
        leash = socket.socket(fileno=leash_fd)
        try:
            pid = _fork(file, out, Limits(**json.loads(data)))
        except OSError:
            _tell(leash, NOT_FORKED)
            leash.close()
        else:
            self._alive[pid] = leash
            self._selector.register(leash, selectors.EVENT_READ, pid)
            _tell(leash, FORKED)
        os.close(file)
        os.close(out)
        return True

    def _reap(self) -> None:
        while self._alive:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            with self._alive.pop(pid) as leash:
                if leash in self._selector.get_map():
                    self._selector.unregister(leash)
                _tell(leash, str(os.waitstatus_to_exitcode(status)).encode())

    def _end(self) -> None:
        for pid in self._alive:
            os.kill(pid, signal.SIGKILL)


def _tell(leash: socket.socket, words: bytes) -> None:
    with contextlib.suppress(OSError):  # nobody may be there to hear it any more
        leash.send(words, socket.MSG_NOSIGNAL)


def _fork(file: int, out: int, limits: Limits) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _decode_and_exit(file, out, limits, parent)
    return pid


def _decode_and_exit(file: int, out: int, limits: Limits, parent: int) -> NoReturn:
    """The whole life of a forked process. It holds two files and nothing of its parent's."""
    status = 1
    try:
        _leave_parent(file, out, parent)
        with open(0, "rb", buffering=0) as source, open(1, "wb") as messages:
            decode(source, messages, limits)
        status = 0
    finally:
        os._exit(status)


def _leave_parent(file: int, out: int, parent: int) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    # The request's descriptors are above 2, where the parent's own sockets are too.
    os.dup2(file, 0)
    os.dup2(out, 1)
    os.closerange(3, _MAX_DESCRIPTORS)


if __name__ == "__main__":
    main()
