"""The process that trains one run: `python -m urbansound.runs.worker OUTPUTS RUN_ID`.

It takes the run's lock before anything heavy is imported, waits its turn for the device
in the order of the runs, and writes every ending into the events.
"""

import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from urbansound.errors import RunFailed, UrbanSoundError
from urbansound.runs.store import device_lock_path, find_run, list_runs

if TYPE_CHECKING:
    from urbansound.runs.folder import RunFolder

_QUEUE_POLL_S = 0.2
_LOCK_PATIENCE_S = 5.0
_PROGRESS_EVERY_S = 0.5


def work(
    outputs: Path, run: "RunFolder", on_progress: Callable[[int, int], None] | None = None
) -> None:
    """Bring a run to its end, whatever that is: finished, stopped or failed.

    The reason of a failure goes into the events; the error is raised again.
    """
    try:
        lock = run.lock()
        lock.acquire(timeout=_LOCK_PATIENCE_S)
    except Timeout as error:
        raise RunFailed(f"Run '{run.id}' is at work already.") from error
    with lock:
        run.drop_unfinished_line()
        try:
            _take_turn(outputs, run, on_progress)
        except KeyboardInterrupt:
            run.emit("stopped")
            raise
        except UrbanSoundError as error:
            run.emit("failed", code=error.code, message=str(error))
            raise
        except BaseException as error:
            message = f"Something unforeseen went wrong ({type(error).__name__}). See the log."
            run.emit("failed", code="unforeseen", message=message)
            raise


def _take_turn(
    outputs: Path, run: "RunFolder", on_progress: Callable[[int, int], None] | None
) -> None:
    device = FileLock(device_lock_path(outputs))
    is_first_look = True
    while not (_is_next(outputs, run) and _try_lock(device)):
        if is_first_look:
            run.emit("queued")
            is_first_look = False
        if run.is_stop_requested:
            run.emit("stopped")
            return
        time.sleep(_QUEUE_POLL_S)
    with device:
        from urbansound.experiment.execute import execute

        execute(run, outputs, on_progress=_progress_events(run, on_progress))


def _is_next(outputs: Path, run: "RunFolder") -> bool:
    """True when no older run is still waiting."""
    older = (other for other in list_runs(outputs) if other.id < run.id)
    return not any(other.status() in ("starting", "queued") for other in older)


def _try_lock(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True


def _progress_events(
    run: "RunFolder", also: Callable[[int, int], None] | None
) -> Callable[[int, int], None]:
    emitted_at = float("-inf")

    def note(done: int, total: int) -> None:
        nonlocal emitted_at
        if also is not None:
            also(done, total)
        if time.monotonic() - emitted_at >= _PROGRESS_EVERY_S or done == total:
            emitted_at = time.monotonic()
            run.emit("features", done=done, total=total)

    return note


def main(outputs: str, run_id: str) -> int:
    """The process's entry; the log gets the traceback of what nobody foresaw."""
    try:
        work(Path(outputs), find_run(Path(outputs), run_id))
    except UrbanSoundError as error:
        print(error, file=sys.stderr)
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
