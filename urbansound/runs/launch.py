"""Starting, stopping and resuming runs from a page: the work itself is another process."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from urbansound.errors import RunFailed
from urbansound.paths import PROJECT
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
    """A process of its own session, so that it outlives the page, the tab and the server."""
    command = [sys.executable, "-m", "urbansound.runs.worker", str(outputs.resolve()), run.id]
    try:
        with open(run.log_path, "ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(PROJECT)},
                **_detached(),
            )
    except OSError as error:
        raise RunFailed(f"The training could not be started: {error.strerror}.") from error
    # Waiting reaps the worker when it ends; a zombie would keep its number.
    threading.Thread(target=process.wait, daemon=True).start()


def _detached() -> dict[str, Any]:
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
        return {"creationflags": flags}
    return {"start_new_session": True}
