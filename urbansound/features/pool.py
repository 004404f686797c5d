"""Worker processes that share the files of a dataset between them.

They are plain subprocesses, not multiprocessing: a spawned multiprocessing child runs the
main script again, which under a web server is the whole app.
"""

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from urbansound.errors import RunFailed
from urbansound.features.clip import FileRows, row_shape, row_type
from urbansound.processes import child_environment, module_command
from urbansound.records import FeatureSpec, to_json

FILES_PER_TASK = 16


class _WorkerDiedError(Exception):
    """The worker ended before it answered."""


class Worker:
    """One worker process and the pipes to it."""

    def __init__(self, spec: FeatureSpec) -> None:
        self._spec = spec
        self._process = subprocess.Popen(
            module_command("urbansound.features.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=child_environment(),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to: IO[bytes] = self._process.stdin
        self._from: IO[bytes] = self._process.stdout

    def wait_until_ready(self) -> None:
        """Hand over the spec; RunFailed if the process does not come up."""
        try:
            self._send(to_json(self._spec))
            is_ready = self._from.readline() == b"ready\n"
        except _WorkerDiedError:
            is_ready = False
        if not is_ready:
            raise RunFailed(
                "A helper process for feature extraction did not start. "
                "Close other programs and try again, or use one worker."
            )

    def read_rows(self, paths: Sequence[Path]) -> FileRows:
        """The files' rows; _WorkerDiedError if the process ends first."""
        self._send([str(path) for path in paths])
        line = self._from.readline()
        if not line.endswith(b"\n"):
            raise _WorkerDiedError
        header = json.loads(line)
        failed: dict[int, str] = dict(header["failed"])
        rows = self._receive(len(paths) - len(failed))
        positions = [position for position in range(len(paths)) if position not in failed]
        return FileRows(rows, np.array(positions, np.int64), tuple(header["sha256"]), failed)

    def _send(self, value: Any) -> None:
        try:
            self._to.write(json.dumps(value).encode() + b"\n")
            self._to.flush()
        except (OSError, ValueError) as error:
            raise _WorkerDiedError from error

    def _receive(self, n_rows: int) -> NDArray[Any]:
        shape, kind = (n_rows, *row_shape(self._spec)), row_type(self._spec)
        n_bytes = int(np.prod(shape)) * kind.itemsize
        data = self._from.read(n_bytes)
        if len(data) < n_bytes:
            raise _WorkerDiedError
        return np.frombuffer(data, kind).reshape(shape)

    def stop(self) -> None:
        """End the process and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._to, self._from):
            with contextlib.suppress(OSError):
                pipe.close()


class WorkerPool:
    """Up to `n_workers` workers; none is left when the `with` block ends, however it ends."""

    def __init__(self, spec: FeatureSpec, n_workers: int) -> None:
        self._spec = spec
        self._threads = ThreadPoolExecutor(n_workers, thread_name_prefix="features")
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        self._all: set[Worker] = set()
        self._lock = threading.Lock()
        self._is_closed = False

    def __enter__(self) -> "WorkerPool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._is_closed = True
            workers = list(self._all)
        for worker in workers:
            worker.stop()
        self._threads.shutdown(cancel_futures=True)

    def read_rows(self, paths: Sequence[Path]) -> Iterator[tuple[int, FileRows]]:
        """(position of the first file, its task's rows), in the order they are done."""
        starts = range(0, len(paths), FILES_PER_TASK)
        tasks = {
            self._threads.submit(self._read_task, paths[start : start + FILES_PER_TASK]): start
            for start in starts
        }
        for task in as_completed(tasks):
            yield tasks[task], task.result()

    def _read_task(self, paths: Sequence[Path]) -> FileRows:
        worker = self._take()
        try:
            found = worker.read_rows(paths)
        except _WorkerDiedError:
            self._drop(worker)
            if self._is_closed:
                raise
            return self._after_a_death(paths)
        self._idle.put(worker)
        return found

    def _after_a_death(self, paths: Sequence[Path]) -> FileRows:
        """The files one at a time, so that the one that ends its process can be named."""
        if len(paths) == 1:
            rows = np.empty((0, *row_shape(self._spec)), row_type(self._spec))
            message = f"'{paths[0]}' made the program that reads it stop. Leave it out."
            return FileRows(rows, np.empty(0, np.int64), (), {0: message})
        return join_rows([(n, self._read_task([path])) for n, path in enumerate(paths)])

    def _take(self) -> Worker:
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        with self._lock:
            if self._is_closed:
                raise _WorkerDiedError
            worker = Worker(self._spec)
            self._all.add(worker)
        worker.wait_until_ready()
        return worker

    def _drop(self, worker: Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.stop()


def join_rows(parts: Sequence[tuple[int, FileRows]]) -> FileRows:
    """Parts, each with the position of its first file, as one in the order of the files."""
    parts = sorted(parts, key=lambda part: part[0])
    return FileRows(
        np.concatenate([part.rows for _, part in parts]),
        np.concatenate([part.positions + start for start, part in parts]),
        tuple(checksum for _, part in parts for checksum in part.sha256),
        {start + n: text for start, part in parts for n, text in part.failed.items()},
    )
