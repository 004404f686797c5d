"""A worker kept warm for the next run: most of a short training's wait is its imports.

The process (`urbansound.runs.worker` without arguments) holds no lock and no memory of a
device, only that of the imports, until a run is named at its stdin. It ends by itself when
that is closed: by `close`, after a while without a wish, or by the death of its starter.
"""

import json
import logging
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from urbansound.errors import RunFailed
from urbansound.processes import child_environment, detached, module_command

OnLoss = Callable[[], object]
TAKEN = b"taken\n"
_log = logging.getLogger(__name__)


class SpareWorker:
    """At most one process that becomes the worker of the next run.

    Nobody asks for it for `idle_s`: it ends. A run was given away: for `rest_s` no other is
    started, so that its imports take no core from a training that has just begun.
    """

    def __init__(self, idle_s: float = 600.0, rest_s: float = 20.0) -> None:
        self._idle_s, self._rest_s = idle_s, rest_s
        self._rests_until = 0.0
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process that waits; None where there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def warm_up(self) -> None:
        """Have a process wait, now or after the rest; returns at once.

        Where it cannot be started nothing is lost: runs get a worker of their own.
        """
        with self._lock:
            rest_s = self._rests_until - time.monotonic()
            if self.pid is None and rest_s > 0:
                self._after(rest_s, self.warm_up)
                return
            if self._process is not None and self.pid is None:
                # It died by itself, and so would the next one, soon.
                _end(self._take())
                self._rests_until = time.monotonic() + self._idle_s
                return
            if self.pid is None:
                self._process = _start()
            self._after(self._idle_s, self.close)

    def close(self) -> None:
        """End the process that waits."""
        with self._lock:
            process = self._take()
        _end(process)

    def send(self, outputs: Path, run_id: str, log_path: Path, otherwise: OnLoss) -> bool:
        """Give the run to the process that waits; False where there is none.

        `otherwise` is called, in a thread, where the process dies before it has taken the run.
        """
        with self._lock:
            is_there, process = self.pid is not None, self._take()
            self._rests_until = time.monotonic() + self._rest_s
        if process is None or not is_there or not _tell(process, outputs, run_id, log_path):
            _end(process)
            return False
        threading.Thread(target=_see_it_taken, args=(process, otherwise), daemon=True).start()
        return True

    def _take(self) -> "subprocess.Popen[bytes] | None":
        process, self._process = self._process, None
        if self._timer is not None:
            self._timer.cancel()
        return process

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, act)
        self._timer.daemon = True
        self._timer.start()


def _start() -> "subprocess.Popen[bytes] | None":
    try:
        return subprocess.Popen(
            module_command("urbansound.runs.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
            **detached(),
        )
    except OSError as error:
        _log.warning("No worker is kept warm: %s", error)
        return None


def _tell(process: "subprocess.Popen[bytes]", outputs: Path, run_id: str, log_path: Path) -> bool:
    """Name the run; False where the process is gone."""
    job = [str(outputs.resolve()), run_id, str(log_path.resolve())]
    try:
        with _pipe(process.stdin) as stdin:
            stdin.write(json.dumps(job).encode() + b"\n")
    except OSError:
        return False
    return True


def _see_it_taken(process: "subprocess.Popen[bytes]", otherwise: OnLoss) -> None:
    """Until the process has ended, which reaps it; see `SpareWorker.send`."""
    with _pipe(process.stdout) as stdout:
        # Libraries may print lines of their own when they are imported.
        is_taken = any(line == TAKEN for line in stdout)
    if not is_taken:
        try:
            otherwise()
        except RunFailed:
            _log.exception("A run has no worker")
    process.wait()


def _end(process: "subprocess.Popen[bytes] | None") -> None:
    """Let the process end by itself, and reap it; returns at once."""
    if process is None:
        return
    for pipe in (process.stdin, process.stdout):
        _pipe(pipe).close()
    threading.Thread(target=process.wait, daemon=True).start()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
