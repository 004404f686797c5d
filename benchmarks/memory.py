"""How much memory a process and its children take, on Linux."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_EVERY_S = 0.02
PAGE_BYTES = 4096


class Memory:
    """The memory of a process and its children: before, and the highest seen."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.before = self.highest = resident_bytes(pid)

    def look(self) -> None:
        """See whether it is more than ever."""
        self.highest = max(self.highest, resident_bytes(self._pid))

    def text(self) -> str:
        """How much it rose, in MB; a dash where it cannot be read."""
        return f"{(self.highest - self.before) / 1e6:.0f}" if self.before else "–"


@contextmanager
def watching_memory(pid: int | None = None) -> Iterator[Memory]:
    """Look again and again at the memory of a process (this one), and of all below it."""
    memory, is_over = Memory(pid or os.getpid()), threading.Event()

    def watch() -> None:
        while not is_over.wait(LOOK_EVERY_S):
            memory.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield memory
    finally:
        is_over.set()
        watcher.join()


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and all below it; 0 where there is no /proc."""
    parents = {child: parent for child, parent, _ in processes()}
    pages = {child: n_pages for child, _, n_pages in processes()}
    return sum(n * PAGE_BYTES for child, n in pages.items() if _is_below(child, pid, parents))


def _is_below(child: int, pid: int, parents: dict[int, int]) -> bool:
    while child in parents and child != pid:
        child = parents[child]
    return child == pid


def processes() -> Iterator[tuple[int, int, int]]:
    """(process, parent, resident pages) of all processes, as Linux lists them."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        yield int(stat.parent.name), int(fields[1]), int(fields[21])
