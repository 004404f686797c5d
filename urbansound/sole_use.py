"""Work that one process at a time does, and that the others then find done."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from urbansound.errors import RunFailed

_log = logging.getLogger(__name__)
_WAIT_S = 0.3


@contextlib.contextmanager
def sole_use(lock_path: Path, while_waiting: Callable[[], None]) -> Iterator[None]:
    """The lock while the block runs; in a folder that is read-only nobody has to wait.

    `while_waiting` is called a few times a second as long as another process has it, and may
    end the waiting by raising.
    """
    lock = FileLock(lock_path)
    try:
        lock_path.parent.mkdir(parents=True, exist_ok=True)
        while not lock.is_locked:
            try:
                lock.acquire(timeout=_WAIT_S)
            except Timeout:
                while_waiting()
    except (OSError, NotImplementedError) as error:
        _log.warning("'%s' is not locked, and the work is done all the same: %s", lock_path, error)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def sole_writer(lock_path: Path) -> Iterator[None]:
    """The lock while the block runs, which others wait for; its folder is made where missing.

    RunFailed where nothing can be written there.
    """
    try:
        lock_path.parent.mkdir(parents=True, exist_ok=True)
        held = FileLock(lock_path).acquire()
    except OSError as error:
        raise RunFailed(
            f"'{lock_path.parent}' cannot be written to ({error.strerror}). "
            "Free some space, change its rights, or choose another outputs folder."
        ) from error
    with held:
        yield
