"""The process that trains one run: `python -m urbansound.runs.worker OUTPUTS RUN_ID`.

It takes the run's lock before anything heavy is imported, waits its turn for the device
in the order of the runs, and writes every ending into the events. Without arguments it
imports first, and its stdin names the run: see `urbansound.runs.spare`.
"""

import contextlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from urbansound.errors import RunFailed, UrbanSoundError
from urbansound.files import drop_parts
from urbansound.processes import step_aside
from urbansound.runs.folder import RunFolder, throttled
from urbansound.runs.spare import TAKEN
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
        for folder in (run.path, run.folds_path):
            drop_parts(folder, young_too=True)  # This process alone writes there.
        drop_parts(outputs)
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
        if run.is_stop_requested:
            raise _Stopped
        if _is_next(outputs, run):
            with contextlib.suppress(Timeout):
                held = FileLock(device_lock_path(outputs)).acquire(timeout=0)
                run.emit("turn")
                return held
        if is_first_look:
            run.emit("queued")
            print("Waiting for another training to end.", file=sys.stderr)
            is_first_look = False
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


def wait_for_run() -> int:
    """Get ready, then do the run that stdin names; nothing where that is closed before."""
    _get_ready()
    job = sys.stdin.buffer.readline()
    if not job.endswith(b"\n"):
        return 0
    outputs, run_id, log_path = json.loads(job)
    starter = os.dup(1)
    _move_to(log_path)
    # Whoever named the run may be gone by now, and this process is its worker all the same.
    with contextlib.suppress(OSError):
        os.write(starter, TAKEN)
    os.close(starter)
    return main(outputs, run_id)


def _get_ready() -> None:
    """Import what a training needs; a first step imports more, for most of a second."""
    import torch

    import urbansound.experiment.execute  # noqa: F401

    with torch.random.fork_rng(devices=[]):
        layer = torch.nn.Linear(1, 1)
        optimizer = torch.optim.Adam(layer.parameters())
        layer(torch.ones(1, 1)).sum().backward()
        optimizer.step()


def _move_to(log_path: str) -> None:
    """The words of this process go to the log from now on, and its stdin is empty."""
    log = os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)


if __name__ == "__main__":
    step_aside()
    sys.exit(main(*sys.argv[1:3]) if len(sys.argv) > 1 else wait_for_run())
