"""Starting, stopping and resuming runs from a page: the work itself is another process."""

from functools import partial
from pathlib import Path

from urbansound.processes import start_detached
from urbansound.records import RunSpec
from urbansound.runs.folder import RunFolder, check_resumable
from urbansound.runs.spare import SpareWorker
from urbansound.runs.store import create_run


def start_run(outputs: Path, spec: RunSpec, spare: SpareWorker | None = None) -> RunFolder:
    """Create a run and send a worker to it, the spare one where it waits; returns at once."""
    run = create_run(outputs, spec)
    _send_worker(outputs, run, spare)
    return run


def resume_run(outputs: Path, run: RunFolder, spare: SpareWorker | None = None) -> None:
    """Send a new worker to a stopped, interrupted or failed run; returns at once."""
    check_resumable(run)
    run.request_start()
    _send_worker(outputs, run, spare)


def _send_worker(outputs: Path, run: RunFolder, spare: SpareWorker | None) -> None:
    start_new = partial(_start_worker, outputs, run)
    if spare is None or not spare.send(outputs, run.id, run.log_path, start_new):
        start_new()


def _start_worker(outputs: Path, run: RunFolder) -> None:
    place = str(outputs.resolve())
    start_detached("urbansound.runs.worker", place, run.id, log_path=run.log_path)
