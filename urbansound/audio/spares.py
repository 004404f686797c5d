"""Decoding processes on macOS and Windows: a fresh one per file, started one ahead.

These systems cannot fork safely, and lack some limits: there, the process of its own, the
wall time and the running byte count guard the app; macOS also limits computing time.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from dataclasses import asdict
from pathlib import Path
from typing import IO

from urbansound.audio.limits import Limits
from urbansound.processes import child_environment, module_command

_BLOCK_BYTES = 1 << 16
_MAX_BLOCKS = 32
_STATUS_WAIT_S = 5.0


class Spare:
    """One process that decodes one file, started before the file is known."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            module_command("urbansound.audio.sandbox_child"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
        )
        self._blocks: queue.Queue[bytes] = queue.Queue(_MAX_BLOCKS)
        self._rest = memoryview(b"")
        self._own_files: list[Path] = []
        # A pipe cannot be waited for with a limit of time on Windows; a queue can.
        pump = threading.Thread(
            target=_pump, args=(self._process.stdout, self._blocks), daemon=True
        )
        pump.start()
        self._end = weakref.finalize(self, _end, self._process, self._blocks, pump, self._own_files)

    def begin(self, source: bytes | Path, limits: Limits) -> None:
        """Tell the process which file to decode; OSError where it is gone already."""
        assert self._process.stdin is not None
        request = {"path": str(self._path_of(source)), "limits": asdict(limits)}
        with self._process.stdin as stdin:
            stdin.write(json.dumps(request).encode() + b"\n")

    def _path_of(self, source: bytes | Path) -> Path:
        if isinstance(source, Path):
            return source.absolute()
        with tempfile.NamedTemporaryFile(delete=False) as file:
            self._own_files.append(Path(file.name))
            file.write(source)
        return Path(file.name)

    def read(self, n_bytes: int, idle_s: float) -> bytearray:
        """Exactly n bytes; EOFError at the end, TimeoutError where they do not come in idle_s."""
        data = bytearray()
        deadline = time.monotonic() + idle_s
        while len(data) < n_bytes:
            if not self._rest:
                self._rest = memoryview(self._next_block(deadline - time.monotonic()))
            wanted = n_bytes - len(data)
            data += self._rest[:wanted]
            self._rest = self._rest[wanted:]
        return data

    def _next_block(self, timeout_s: float) -> bytes:
        try:
            block = self._blocks.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            raise TimeoutError from None
        if not block:
            raise EOFError
        return block

    def fate(self) -> str:
        """How the process ended: "slow" by its limit of computing time, else "died"."""
        try:
            status = self._process.wait(_STATUS_WAIT_S)
        except subprocess.TimeoutExpired:
            return "died"
        return "slow" if sys.platform != "win32" and status == -signal.SIGXCPU else "died"

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process, as a crash would."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the process and delete what it read from."""
        self._end()


class Spares:
    """One process kept warm for the next file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.next: Spare | None = None

    def warm_up(self) -> None:
        """Start the process, so that the first sound need not wait for it."""
        with self._lock:
            if self.next is None:
                self.next = Spare()

    def close(self) -> None:
        """End the process that waits."""
        with self._lock:
            spare, self.next = self.next, None
        if spare is not None:
            spare.close()

    def begin(self, source: bytes | Path, limits: Limits) -> Spare:
        """A process that decodes the source; the one for the next file is started too."""
        with self._lock:
            spare, self.next = self.next or Spare(), None
        try:
            spare.begin(source, limits)
        except OSError:
            spare.close()
            spare = Spare()
            spare.begin(source, limits)
        self.warm_up()
        return spare


def _pump(pipe: IO[bytes], blocks: "queue.Queue[bytes]") -> None:
    """Move what the process writes into the queue; nothing (b"") is its end."""
    with pipe:
        while block := os.read(pipe.fileno(), _BLOCK_BYTES):
            blocks.put(block)
    blocks.put(b"")


def _end(
    process: "subprocess.Popen[bytes]",
    blocks: "queue.Queue[bytes]",
    pump: threading.Thread,
    own_files: list[Path],
) -> None:
    process.kill()
    process.wait()
    while pump.is_alive():
        _drain(blocks)
        pump.join(0.01)
    if process.stdin is not None:
        process.stdin.close()
    for path in own_files:
        path.unlink(missing_ok=True)


def _drain(blocks: "queue.Queue[bytes]") -> None:
    while not blocks.empty():
        blocks.get_nowait()
