"""Things that a process makes once, however many threads ask for them first."""

import functools
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - a decorator
    """`make`, called the first time only; `functools.cache` alone may call it twice."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._lock, self._made = threading.Lock(), functools.cache(make)
        functools.update_wrapper(self, make)

    def __call__(self) -> T:
        """What was made."""
        with self._lock:
            return self._made()

    def cache_clear(self) -> None:
        """Make it anew the next time: for tests."""
        self._made.cache_clear()
