"""Starting, stopping and resuming runs from a page: the work itself is another process."""

from pathlib import Path

from urbansound.processes import start_detached
from urbansound.records import RunSpec
from urbansound.runs.folder import RunFolder, check_resumable
from urbansound.runs.store import create_run


def start_run(outputs: Path, spec: RunSpec) -> RunFolder:
    """Create a run and send a worker to it; returns at once."""
    run = create_run(outputs, spec)
    _send_worker(outputs, run)
    return run


def resume_run(outputs: Path, run: RunFolder) -> None:
    """Send a new worker to a stopped, interrupted or failed run; returns at once."""
    check_resumable(run)
    run.request_start()
    _send_worker(outputs, run)


def _send_worker(outputs: Path, run: RunFolder) -> None:
    place = str(outputs.resolve())
    start_detached("urbansound.runs.worker", place, run.id, log_path=run.log_path)
