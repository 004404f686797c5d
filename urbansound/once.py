"""Things that a process makes once, however many threads ask for them first."""

import functools
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def once(make: Callable[[], T]) -> Callable[[], T]:
    """`make`, called the first time only; `functools.cache` alone may call it twice."""
    lock, made = threading.Lock(), functools.cache(make)

    @functools.wraps(make)
    def get() -> T:
        with lock:
            return made()

    return get
