"""How many threads torch's arithmetic takes while sounds are heard: one each.

Windows are shared between threads; where each of them also split its own arithmetic, they
would wait for one another at every step.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from urbansound.once import once


def use_one_thread() -> None:
    """Torch's arithmetic in this thread, and in those to come, takes no others."""
    torch.set_num_threads(1)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """As use_one_thread; when nobody in this process listens any more, all is as it was."""
    listeners = _listeners()
    listeners.come()
    try:
        yield
    finally:
        listeners.go()


class _Listeners:
    """How many listen at the moment, and how many threads there were before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n = self._n_threads = 0

    def come(self) -> None:
        with self._lock:
            if self._n == 0:
                self._n_threads = torch.get_num_threads()
            self._n += 1
            use_one_thread()

    def go(self) -> None:
        with self._lock:
            self._n -= 1
            if self._n == 0:
                torch.set_num_threads(self._n_threads)


@once
def _listeners() -> _Listeners:
    return _Listeners()
