"""Other processes of the app: how they are started, and those that outlive their starter."""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from urbansound.errors import RunFailed
from urbansound.paths import PROJECT

_NICE = 10


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that runs one of the app's modules in a new interpreter.

    Not multiprocessing: a spawned child of that runs the main script again, which under a
    web server is the whole app.
    """
    return [sys.executable, "-m", module, *arguments]


def child_environment() -> dict[str, str]:
    """This process's environment, in which the app's package is found from any folder.

    Numeric libraries get one thread each, because the app shares work among processes; and
    glibc keeps freed arrays for the next clip: asking for them anew took a third of the time.
    """
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    kept = dict.fromkeys(("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), str(1 << 28))
    return {**os.environ, **one_thread, **kept, "PYTHONPATH": os.pathsep.join(paths)}


def start_detached(module: str, *arguments: str, log_path: Path) -> int:
    """Run a module in a session of its own, its words going to the log; its process number.

    A closed tab or a dead server costs it nothing. RunFailed where it cannot be started.
    """
    try:
        with open(log_path, "ab") as log:
            process = subprocess.Popen(
                module_command(module, *arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=child_environment(),
                **detached(),
            )
    except OSError as error:
        raise RunFailed(f"A process of the app could not be started: {error.strerror}.") from error
    # Waiting reaps the process when it ends; unreaped it would keep its number.
    threading.Thread(target=process.wait, daemon=True).start()
    return process.pid


def step_aside() -> None:
    """Let the pages, and what else a person does, go before this process and its children.

    A network that trains on every core made the pages wait ten times as long. Where Linux
    shares out its time by sessions, a process's own rank counts within its session only.
    """
    if sys.platform != "win32":
        os.nice(_NICE)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICE), "ascii")


def detached() -> dict[str, Any]:
    """What `Popen` is told to start a process that its starter's end costs nothing."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"start_new_session": True}
