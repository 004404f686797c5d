"""joblib's Dask backend, in which a task that no worker can finish ends the work.

As joblib 1.6 ships it, a task that is lost for good (it ended several workers, or cannot be
read by them) is never told to whoever waits for it, who then waits for ever.
"""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from joblib._dask import DaskDistributedBackend

from urbansound.errors import RunFailed

Callback = Callable[[Any], None]


class ClusterBackend(DaskDistributedBackend):  # type: ignore[misc]
    """The workers of one client's cluster, as joblib's Parallel asks for them."""

    def __init__(self, client: Any = None, **options: Any) -> None:
        super().__init__(client=client, **options)
        self._waiting: dict[Future[Any], Callback] = {}
        self._is_given_up = False

    def effective_n_jobs(self, n_jobs: int) -> int:
        """The cluster's threads, but at least two: with one, joblib would do the work here.

        RunFailed where the scheduler has no workers.
        """
        try:
            n_threads: int = super().effective_n_jobs(n_jobs)
        except TimeoutError as error:
            address = self.client.scheduler.address
            raise RunFailed(
                f"The scheduler at '{address}' has no workers. Start some with 'python -m dask "
                f"worker {address}' and run this again."
            ) from error
        return max(2, n_threads)

    def submit(self, func: Any, callback: Callback | None = None) -> Any:
        """A future of the task; the callback gets its result or the error that ended it."""
        assert callback is not None
        future: Future[Any] = super().submit(func, callback)
        self._waiting[future] = callback
        future.add_done_callback(self._tell_error)
        if self._is_given_up:
            callback(CancelledError())
        return future

    def _tell_error(self, future: "Future[Any]") -> None:
        callback = self._waiting.pop(future)
        error = future.exception()
        if error is not None:
            callback(error)

    def give_up(self) -> None:
        """End the wait for all tasks with CancelledError; from any thread."""
        self._is_given_up = True
        for callback in list(self._waiting.values()):
            callback(CancelledError())
