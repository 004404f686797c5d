"""Long work outside the web server: one process per machine, seen from every session.

`start("demo")` launches `python -m urbansound.ui.background demo`, which holds a lock
while it works and writes how far it is into a small JSON file. Whoever reads `state`
learns the truth from the lock, so a reload, a second tab or a killed worker cannot lie.
`stop("download")` asks a job that can go on later to end.
A job on a dataset carries its token in its name, and what more it is on: `job_on` makes it.
"""

import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from filelock import FileLock, Timeout

from urbansound import paths
from urbansound.dataset.index import load_dataset
from urbansound.errors import RunFailed, UrbanSoundError
from urbansound.files import read_json, write_bytes, write_json
from urbansound.processes import start_detached, step_aside
from urbansound.records import DatasetIndex, FeatureSpec
from urbansound.ui.opened import root_of, token_of
from urbansound.ui.sharing import changes

STARTING_S = 20.0
_EVERY_S = 0.2
# A job that waits for a server that is silent may not see that it was asked to stop.
STOPPING_S = 3.0
# What a job is on becomes part of file names.
_NAME = re.compile(r"[a-z]+(?::[A-Za-z0-9_.-]+)*")
_log = logging.getLogger("urbansound")

# The name of the one job that can be stopped.
DOWNLOAD = "download"
STOPPABLE = (DOWNLOAD,)

JobStatus = Literal["idle", "running", "done", "failed", "stopped"]


class OnProgress(Protocol):
    """Hears how far a job is, and in words of its own where a count does not say it."""

    def __call__(self, done: int, total: int, message: str = "") -> None:
        """Take note of it."""


@dataclass(frozen=True)
class JobState:
    """How far a job is. `message` says why it failed, or of some that run what they do.

    `silent_s` is how long it has not said anything.
    """

    status: JobStatus
    done: int = 0
    total: int = 0
    message: str = ""
    elapsed_s: float = 0.0
    silent_s: float = 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds it will still take at the pace so far; None while that is a guess."""
        if self.done == 0 or self.elapsed_s < 1:
            return None
        return self.elapsed_s * (self.total - self.done) / self.done

    @property
    def fraction(self) -> float:
        """0 to 1."""
        return self.done / self.total if self.total else 0.0


def _folder() -> Path:
    return paths.data_dir() / ".jobs"


def _place(name: str, ending: str) -> Path:
    """A file of the job; on Windows a colon is no part of a file's name."""
    if not _NAME.fullmatch(name):
        raise RunFailed(f"'{name}' is no name of a job.")
    return _folder() / f"{name.replace(':', '~')}.{ending}"


def _report(name: str) -> Path:
    return _place(name, "json")


def _is_held(name: str) -> bool:
    lock = FileLock(_place(name, "lock"))
    try:
        with lock.acquire(blocking=False):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def state(name: str) -> JobState:
    """How far the job of this name is, on this machine, whoever started it."""
    if not _report(name).is_file():
        return JobState("idle")
    try:
        told = _told(read_json(_report(name), RunFailed))
    except (RunFailed, TypeError, ValueError, KeyError, OverflowError):
        return JobState("idle")  # It is no report, so nothing is known.
    if told.status == "running" and not _is_held(name):
        is_young = told.done == 0 and told.silent_s < STARTING_S
        if not is_young:
            return replace(
                told, status="failed", message="The work stopped before it was finished."
            )
    return told


def _told(report: Any) -> JobState:
    """What the job wrote. A clock that was set back makes a report neither old nor young."""
    if report["status"] not in get_args(JobStatus):
        raise ValueError(report["status"])
    at, since = float(report["at"]), float(report["since"])
    return JobState(
        *(report["status"], int(report["done"]), int(report["total"]), str(report["message"])),
        elapsed_s=max(0.0, at - since),
        silent_s=abs(time.time() - at),
    )


@changes
def start(name: str) -> None:
    """Begin the job unless it runs already; it goes on when this process ends."""
    _begin(name)


def _begin(name: str) -> None:
    if state(name).status == "running":
        return
    _place(name, "stop").unlink(missing_ok=True)
    _write(name, "running")
    start_detached("urbansound.ui.background", name, log_path=_place(name, "log"))


@changes
def stop(name: str) -> None:
    """Ask the job to end. One of STOPPABLE is over a few seconds later; others do not listen."""
    write_bytes(_place(name, "stop"), b"")


def is_asked_to_stop(name: str) -> bool:
    """Whether the job, since it was last begun, was asked to end."""
    return _place(name, "stop").exists()


def _write(name: str, status: str, **more: Any) -> None:
    now = time.time()
    report = {"status": status, "done": 0, "total": 0, "message": "", "since": now, "at": now}
    write_json(_report(name), report | more)


def _reporter(name: str) -> OnProgress:
    """Writes progress at most a few times a second."""
    since = last = time.time()

    def on_progress(done: int, total: int, message: str = "") -> None:
        nonlocal last
        now = time.time()
        if now - last >= _EVERY_S:
            last = now
            _write(name, "running", done=done, total=total, message=message, since=since)

    return on_progress


def _build_demo(on_progress: OnProgress) -> None:
    from urbansound.dataset.demo import build_demo

    build_demo(paths.demo_root(), on_progress=on_progress)


def _download(on_progress: OnProgress) -> None:
    from urbansound.dataset.download import download
    from urbansound.dataset.pace import Pace

    pace = Pace()
    download(
        paths.data_dir(),
        on_progress=lambda stage, done, total: on_progress(
            done, total, pace.text(stage, done, total)
        ),
        should_stop=partial(is_asked_to_stop, DOWNLOAD),
    )


def _measure_features(index: DatasetIndex, rest: str, on_progress: OnProgress) -> None:
    from urbansound.features.cache import load_features

    del rest
    load_features(index, FeatureSpec(), on_progress=on_progress)


def _listen_to_all(index: DatasetIndex, key: str, on_progress: OnProgress) -> None:
    """Let the model of this key listen to every clip; see experiment.neighbours."""
    from urbansound.experiment.neighbours import load_embeddings
    from urbansound.runs.saved import find_model

    _leave_a_core()
    saved = find_model(paths.outputs_dir(), key)
    load_embeddings(index, saved, on_progress=on_progress)


def _survey(index: DatasetIndex, rest: str, on_progress: OnProgress) -> None:
    from urbansound.dataset.survey import load_survey

    del rest
    load_survey(index, on_progress=on_progress)


def _lay_out(index: DatasetIndex, kind: str, on_progress: OnProgress) -> None:
    from urbansound.experiment.layout import load_layout

    _leave_a_core()
    load_layout(index, kind, on_progress=on_progress)


def _leave_a_core() -> None:
    """One core is left to the page."""
    import torch

    from urbansound.worker_pool import n_cores

    torch.set_num_threads(max(1, n_cores() - 1))


JobOn = Callable[[DatasetIndex, str, OnProgress], Any]

JOBS: dict[str, Callable[[OnProgress], Any]] = {"demo": _build_demo, DOWNLOAD: _download}
JOBS_ON: dict[str, JobOn] = {
    "features": _measure_features,
    "embeddings": _listen_to_all,
    "survey": _survey,
    "layout": _lay_out,
}


def job_on(kind: str, index: DatasetIndex, *rest: str) -> str:
    """The name of a job of JOBS_ON on a dataset, with what more it is on."""
    return ":".join([kind, token_of(index.root), *rest])


def _after(name: str) -> str | None:
    """A first training should not have to wait for what can be done while a person listens."""
    return f"features:{token_of(paths.demo_root())}" if name == "demo" else None


def _job(name: str) -> Callable[[OnProgress], Any]:
    """The job of this name, with the dataset it is on where it carries that."""
    if name in JOBS:
        return JOBS[name]
    kind, _, place = name.partition(":")
    token, _, rest = place.partition(":")
    if kind not in JOBS_ON or not token:
        raise RunFailed(f"There is no job '{name}'.")
    root = root_of(token)
    if root is None:
        raise RunFailed("The dataset that this was to be done on is not there any more.")
    return partial(JOBS_ON[kind], load_dataset(root), rest)


def work(name: str) -> int:
    """Do the job in this process, unless another one is doing it; the exit status."""
    _folder().mkdir(parents=True, exist_ok=True)
    try:
        # Whoever asks for the state holds the lock for a moment: that is no reason to leave.
        with FileLock(_place(name, "lock")).acquire(timeout=2):
            return _do(name)
    except Timeout:
        return 0


def _do(name: str) -> int:
    _write(name, "running")
    try:
        with _ending_when_asked(name):
            _job(name)(_reporter(name))
    except UrbanSoundError as error:
        _log.exception("The job %s failed", name)
        status = "stopped" if is_asked_to_stop(name) else "failed"
        _write(name, status, message=str(error))
        return 1
    _write(name, "done", done=1, total=1)
    following = _after(name)
    if following is not None:
        _begin(following)
    return 0


@contextmanager
def _ending_when_asked(name: str) -> Iterator[None]:
    """While a job that can be stopped is done, the process ends if it does not stop by itself.

    What can be stopped loses nothing by that: it is made to be killed at any moment.
    """
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_EVERY_S):
            if is_asked_to_stop(name) and not is_over.wait(STOPPING_S):
                _write(name, "stopped", message="Stopped. What was fetched is kept.")
                os._exit(1)

    watcher = threading.Thread(target=watch, daemon=True)
    if name in STOPPABLE:
        watcher.start()
    try:
        yield
    finally:
        is_over.set()


if __name__ == "__main__":
    step_aside()
    sys.exit(work(sys.argv[1]))
