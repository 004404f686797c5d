"""Worker processes that share tasks between them, whatever the tasks are.

They are plain subprocesses, not multiprocessing: a spawned multiprocessing child runs the
main script again, which under a web server is the whole app. A worker module calls `serve`;
it ends when its input does, so it outlives nobody.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from types import TracebackType
from typing import IO, Any

from urbansound.errors import RunFailed
from urbansound.processes import child_environment, module_command

Answer = tuple[Any, bytes]


class WorkerDiedError(Exception):
    """The worker ended before it answered."""


def n_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def serve(answer: Callable[[Any], Answer]) -> None:
    """A worker's main: a JSON line in, a JSON line and bytes out, until the input ends."""
    # Ctrl-C reaches the whole group; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sink = sys.stdout.buffer
    sink.write(b"ready\n")
    sink.flush()
    for line in sys.stdin.buffer:
        header, body = answer(json.loads(line))
        sink.write(json.dumps([header, len(body)]).encode() + b"\n" + body)
        sink.flush()


class Worker:
    """One worker process and the pipes to it."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            module_command(module, *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=child_environment(),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to: IO[bytes] = self._process.stdin
        self._from: IO[bytes] = self._process.stdout

    def wait_until_ready(self) -> None:
        """RunFailed if the process does not come up."""
        if self._from.readline() != b"ready\n":
            raise RunFailed(
                "A helper process did not start. Close other programs and try again, "
                "or use one worker."
            )

    def ask(self, request: Any) -> Answer:
        """What it answers; WorkerDiedError if the process ends first."""
        try:
            self._to.write(json.dumps(request).encode() + b"\n")
            self._to.flush()
        except (OSError, ValueError) as error:
            raise WorkerDiedError from error
        line = self._from.readline()
        if not line.endswith(b"\n"):
            raise WorkerDiedError
        header, n_bytes = json.loads(line)
        body = self._from.read(n_bytes)
        if len(body) < n_bytes:
            raise WorkerDiedError
        return header, body

    def stop(self) -> None:
        """End the process and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._to, self._from):
            with contextlib.suppress(OSError):
                pipe.close()


class WorkerPool:
    """Up to `n_workers` workers; none is left when the `with` block ends, however it ends."""

    def __init__(self, n_workers: int, module: str, *arguments: str) -> None:
        self._command = (module, *arguments)
        self._threads = ThreadPoolExecutor(n_workers, thread_name_prefix="workers")
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        self._all: set[Worker] = set()
        self._lock = threading.Lock()
        self._is_closed = False
        self._begun = time.perf_counter()
        self._first_ready = float("inf")

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

    @property
    def starting_s(self) -> float:
        """How long it took until the first worker was ready."""
        return self._first_ready - self._begun

    def share(self, items: Sequence[Any], n_per_task: int) -> Iterator[tuple[int, Answer | None]]:
        """(position of the first item, answer) of each task, in the order they are done.

        The answer is None for the single item that ended every process which took it on.
        """
        tasks = {
            self._threads.submit(self._do, items[start : start + n_per_task]): start
            for start in range(0, len(items), n_per_task)
        }
        for task in as_completed(tasks):
            start = tasks.pop(task)
            for offset, answer in enumerate(task.result()):
                yield start + offset, answer

    def _do(self, items: Sequence[Any]) -> list[Answer | None]:
        """One answer to all items, or one to each where a process ended over them."""
        worker = self._take()
        try:
            answer = worker.ask(items)
        except WorkerDiedError:
            self._drop(worker)
            if self._is_closed:
                raise
            # One at a time, so that the one that ends its process can be named.
            return [None] if len(items) == 1 else [self._do([item])[0] for item in items]
        self._idle.put(worker)
        return [answer]

    def _take(self) -> Worker:
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        with self._lock:
            if self._is_closed:
                raise WorkerDiedError
            worker = Worker(*self._command)
            self._all.add(worker)
        worker.wait_until_ready()
        self._first_ready = min(self._first_ready, time.perf_counter())
        return worker

    def _drop(self, worker: Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.stop()
