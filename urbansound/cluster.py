"""Work shared with the workers of a Dask cluster, through joblib's Dask backend.

Dask hands the tasks out, and anew where a worker is lost; this module says in words what
can go wrong. Everything of Dask's is imported where a cluster is asked for.
"""

import asyncio
import contextlib
import logging
import queue
import socket
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from urbansound import __version__
from urbansound.errors import BadConfig, RunFailed

Request = TypeVar("Request")
Result = TypeVar("Result")

CONNECT_S = 10.0
PATIENCE_S = 60.0
"""How long a cluster may be without any worker."""
SHOWN_WITHIN_S = 30.0
_POLL_S = 0.2
_LOOK_S = 2.0
# What Dask says where its scheduler does not find the functions it is sent.
_NOT_UNDERSTOOD = "Error during deserialization"
# More than the workers there are: others may join later.
_TASKS_AHEAD = "10*n_jobs"


def share(
    address: str,
    work: Callable[[Request], Result],
    requests: Sequence[Request],
    *,
    while_waiting: Callable[[], None] = lambda: None,
) -> Generator[tuple[int, Result]]:
    """(number of the request, what `work` made of it) in the order they are done.

    `work` is a function of the app's, so that workers find it. `while_waiting` is called a few
    times a second while no result comes in, and may end everything by raising; then, and where
    the caller looks no further, tasks still waiting are called off. An error of the app's in a
    worker is raised here. BadConfig where no scheduler answers or other machines have another
    version; RunFailed where the scheduler or all workers are lost, or a task ends one after
    the other.
    """
    with connected(address) as client, _results(client, work, requests) as (results, ending):
        guard = _Guard(client, address)
        while not (ending.done() and results.empty()):
            try:
                yield results.get(timeout=_POLL_S)
            except queue.Empty:
                while_waiting()
                guard.look()
        _raise_ending(ending, address)


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the scheduler at that address; BadConfig where there is none."""
    distributed = _distributed()
    check_cluster(address)
    with _quiet("distributed.client"):
        with warnings.catch_warnings():
            # Of the libraries. Workers of another version of the app are refused.
            warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
            client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        with client:
            yield client


@contextlib.contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Without a logger's tracebacks: what goes wrong is raised, in words."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def check_cluster(address: str) -> None:
    """BadConfig where no scheduler answers; a client would try for longer, or for ever."""
    _distributed()
    # In a thread of its own: where this one has an event loop, no other can run in it.
    with ThreadPoolExecutor(1) as thread:
        asking = thread.submit(lambda: asyncio.run(asyncio.wait_for(_kind_of(address), CONNECT_S)))
    try:
        kind = asking.result()
    except (OSError, ValueError, TypeError) as error:
        raise BadConfig(f"{_no_scheduler(address)} ({_cause(error)})") from error
    if kind != "Scheduler":
        raise BadConfig(_no_scheduler(address))


def _cause(error: Exception) -> str:
    """What a library's error goes back to: a refused connection, a certificate."""
    deepest: BaseException = error
    while deepest.__cause__ is not None:
        deepest = deepest.__cause__
    return str(deepest) or type(deepest).__name__


async def _kind_of(address: str) -> Any:
    distributed = _distributed()
    security = distributed.Security().get_connection_args("client")
    async with distributed.rpc(address, timeout=CONNECT_S, connection_args=security) as server:
        return (await server.identity())["type"]


def _no_scheduler(address: str) -> str:
    return (
        f"No scheduler answers at '{address}'. Start one with 'python -m dask scheduler', and "
        "give the address that it prints: tcp://HOST:PORT."
    )


def is_unwanted() -> bool:
    """On a worker, within a task: whether nobody waits for it any more."""
    distributed = _distributed()
    worker = distributed.get_worker()
    task = worker.state.tasks.get(worker.get_current_task())
    return task is None or task.state == "cancelled"


def not_shared(path: Path | str) -> BadConfig:
    """On a worker: the error that it does not see what the caller sees at that path."""
    return BadConfig(
        f"The worker on '{machine()}' does not see the same '{path}' as this machine. Put the "
        "dataset in a folder that all machines share under the same path; for class folders of "
        "your own, let URBANSOUND_DATA name a shared folder on every machine."
    )


def shown(look: Callable[[], Result | None], while_waiting: Callable[[], None]) -> Result | None:
    """What another machine left in a shared folder, by `look`, which gives None until then.

    Such a folder may show it some seconds later; None where it does not. `while_waiting` is
    called meanwhile, and may end it by raising.
    """
    patience_ends = time.monotonic() + SHOWN_WITHIN_S
    while (found := look()) is None and time.monotonic() < patience_ends:
        while_waiting()
        time.sleep(_POLL_S)
    return found


def machine() -> str:
    """The name of the machine that this runs on, for sentences."""
    return socket.gethostname()


def _distributed() -> Any:
    try:
        import distributed
        import joblib  # noqa: F401
    except ImportError as error:
        raise BadConfig(
            "Work on a cluster needs Dask, which is not installed. Install it with "
            "'pip install -r requirements-cluster.txt', here and on every machine."
        ) from error
    return distributed


@contextlib.contextmanager
def _results(
    client: Any, work: Callable[[Request], Result], requests: Sequence[Request]
) -> Iterator[tuple["queue.SimpleQueue[tuple[int, Result]]", "Future[None]"]]:
    """What comes back, and a future of the end; joblib waits in a thread of its own."""
    from urbansound.cluster_backend import ClusterBackend

    backend = ClusterBackend(client)
    results: queue.SimpleQueue[tuple[int, Result]] = queue.SimpleQueue()
    with ThreadPoolExecutor(1, thread_name_prefix="cluster") as thread:
        ending = thread.submit(_fetch, backend, work, requests, results)
        try:
            yield results, ending
        finally:
            backend.give_up()


def _fetch(
    backend: Any,
    work: Callable[[Request], Result],
    requests: Sequence[Request],
    results: "queue.SimpleQueue[tuple[int, Result]]",
) -> None:
    from joblib import Parallel, delayed, parallel_config

    task = delayed(_numbered)
    with parallel_config(backend=backend):
        parallel = Parallel(
            batch_size=1, pre_dispatch=_TASKS_AHEAD, return_as="generator_unordered"
        )
        tasks = (task(__version__, work, *numbered) for numbered in enumerate(requests))
        for result in parallel(tasks):
            results.put(result)


def _numbered(
    version: str, work: Callable[[Request], Result], number: int, request: Request
) -> tuple[int, Result]:
    """On a worker: the task, where it has the caller's version of the app."""
    if version != __version__:
        raise BadConfig(
            f"The worker on '{machine()}' has version {__version__} of the app, and this machine "
            f"{version}. Give all machines the same."
        )
    return number, work(request)


class _Guard:
    """Looks now and then whether there still is somebody to wait for."""

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address
        self._looked_at = self._seen_at = time.monotonic()

    def look(self) -> None:
        """RunFailed where the scheduler is gone, or has had no worker for a minute."""
        if self._client.status != "running":
            raise RunFailed(_lost(self._address))
        now = time.monotonic()
        if now - self._looked_at < _LOOK_S:
            return
        self._looked_at = now
        try:
            if self._client.ncores():
                self._seen_at = now
        except OSError as error:
            raise RunFailed(_lost(self._address)) from error
        if now - self._seen_at > PATIENCE_S:
            raise RunFailed(
                f"The cluster at '{self._address}' has had no worker for {PATIENCE_S:.0f} s. "
                "A worker's log says what became of it; they are started in the app's folder, with "
                f"'python -m dask worker {self._address}'. Run this again: what is done is kept."
            )


def _raise_ending(ending: "Future[None]", address: str) -> None:
    """What ended the work before its end, in words."""
    from distributed import KilledWorker

    try:
        ending.result()
    except KilledWorker as error:
        raise RunFailed(
            "A part of the work was lost with its worker, the last one at "
            f"{error.last_worker.address}, {error.allowed_failures + 1} times. See that worker's "
            "log (often its memory was full) and run this again: what is done is kept."
        ) from error
    except CancelledError as error:
        raise RunFailed(_lost(address)) from error
    except (ImportError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and _NOT_UNDERSTOOD not in str(error):
            raise
        raise RunFailed(
            "The cluster cannot load the app. Start its scheduler and its workers in the app's "
            "folder, with the same Python packages as here."
        ) from error


def _lost(address: str) -> str:
    return (
        f"The scheduler at '{address}' no longer answers. Start it and its workers again, and "
        "run this again: what is done is kept."
    )
