"""Processes that outlive the one that starts them: a closed tab or a dead server costs nothing."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from urbansound.errors import RunFailed
from urbansound.paths import PROJECT


def start_detached(module: str, *arguments: str, log_path: Path) -> None:
    """Run `python -m module arguments` in a session of its own, its words going to the log.

    RunFailed where it cannot be started. Not multiprocessing: a spawned child of that
    runs the main script again, which under a web server is the whole app.
    """
    try:
        with open(log_path, "ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(PROJECT)},
                **_detached(),
            )
    except OSError as error:
        raise RunFailed(f"A process of the app could not be started: {error.strerror}.") from error
    # Waiting reaps the process when it ends; unreaped it would keep its number.
    threading.Thread(target=process.wait, daemon=True).start()


def _detached() -> dict[str, Any]:
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
        return {"creationflags": flags}
    return {"start_new_session": True}
