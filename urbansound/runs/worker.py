"""The process that trains one run: `python -m urbansound.runs.worker OUTPUTS RUN_ID`.

It takes the run's lock before anything heavy is imported, waits its turn for the device
in the order of the runs, and writes every ending into the events.
"""

import contextlib
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from urbansound.errors import RunFailed, UrbanSoundError
from urbansound.runs.folder import RunFolder, throttled
from urbansound.runs.store import device_lock_path, find_run, list_runs
from urbansound.stages import stage, staged

_QUEUE_POLL_S = 0.2
_LOCK_PATIENCE_S = 5.0
_PROGRESS_EVERY_S = 0.5


class _Stopped(Exception):
    """Somebody asked the run to stop before its training began."""


def work(
    outputs: Path,
    run: RunFolder,
    on_progress: Callable[[int, int], None] | None = None,
    *,
    cluster: str | None = None,
) -> None:
    """Bring a run to its end, whatever that is: finished, stopped or failed.

    A cross-validation's work can be done by a `cluster`, given by its scheduler's address.

    The reason of a failure goes into the events; the error is raised again.
    """
    try:
        held = run.lock().acquire(timeout=_LOCK_PATIENCE_S)
    except Timeout as error:
        raise RunFailed(f"Run '{run.id}' is at work already.") from error
    with held:
        run.drop_unfinished_line()
        try:
            _take_turn(outputs, run, on_progress, cluster)
        except _Stopped:
            run.emit("stopped")
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
    outputs: Path,
    run: RunFolder,
    on_progress: Callable[[int, int], None] | None,
    cluster: str | None,
) -> None:
    with _wait_for_device(outputs, run):
        with stage("loading libraries"):
            from urbansound.experiment.execute import execute

        execute(run, outputs, cluster=cluster, on_progress=_progress_events(run, on_progress))


@staged("waiting for its turn")
def _wait_for_device(outputs: Path, run: RunFolder) -> contextlib.AbstractContextManager[object]:
    """The device's lock, held, when it is this run's turn; _Stopped where that is not awaited."""
    is_first_look = True
    while True:
        if _is_next(outputs, run):
            with contextlib.suppress(Timeout):
                held = FileLock(device_lock_path(outputs)).acquire(timeout=0)
                run.emit("turn")
                return held
        if is_first_look:
            run.emit("queued")
            print("Waiting for another training to end.", file=sys.stderr)
            is_first_look = False
        if run.is_stop_requested:
            raise _Stopped
        time.sleep(_QUEUE_POLL_S)


def _is_next(outputs: Path, run: RunFolder) -> bool:
    """True when no older run is still waiting."""
    older = (other for other in list_runs(outputs) if other.id < run.id)
    return not any(other.status() in ("starting", "queued") for other in older)


def _progress_events(
    run: RunFolder, also: Callable[[int, int], None] | None
) -> Callable[[int, int], None]:
    emitted_at = float("-inf")
    should_stop = throttled(lambda: run.is_stop_requested)

    def note(done: int, total: int) -> None:
        nonlocal emitted_at
        if should_stop():
            raise _Stopped
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
