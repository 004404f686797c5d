"""One run's folder: its spec, its events, its files, and the status they add up to.

Status is derived, never stored: from the worker's lock on `alive.lock`, from the last
event and from how long ago the worker was asked for. A process number would lie: an
ended child that nobody has waited for still answers.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from urbansound.errors import RunFailed
from urbansound.files import (
    append_json_line,
    modified_at,
    read_json_lines,
    read_last_json_line,
    whole_lines_bytes,
    write_bytes,
)
from urbansound.records import RunSpec, from_json, to_json
from urbansound.runs.events import is_event
from urbansound.sealed_json import read_sealed_json, write_sealed_json

Status = Literal["starting", "queued", "running", "stopped", "interrupted", "finished", "failed"]
ACTIVE: tuple[Status, ...] = ("starting", "queued", "running")
STARTING_S = 9.0
_PROBES, _PROBE_EVERY_S = 3, 0.01
_ENDINGS: dict[str, Status] = {
    "finished": "finished",
    "failed": "failed",
    "stopped": "stopped",
}


@dataclass(frozen=True)
class RunFolder:
    """A run on disk. Reading needs no lock; only its worker writes."""

    path: Path

    @property
    def id(self) -> str:
        """The folder's name; ids sort by the moment of creation."""
        return self.path.name

    @cached_property
    def spec(self) -> RunSpec:
        """What was asked for; RunFailed where the folder holds no readable run."""
        path = self.path / "run.json"
        # Before 0.6 there was no digest.
        data = read_sealed_json(path, lambda reason: RunFailed(f"{reason}."), may_lack_seal=True)
        return from_json(RunSpec, data)

    def write_spec(self, spec: RunSpec) -> None:
        """Write run.json, once."""
        write_sealed_json(self.path / "run.json", to_json(spec))

    @property
    def weights_path(self) -> Path:
        """Where the finished weights lie."""
        return self.path / "model.pth"

    @property
    def checkpoint_path(self) -> Path:
        """Where an unfinished training goes on from."""
        return self.path / "checkpoint.pt"

    @property
    def results_path(self) -> Path:
        """Where the finished run's answers clip by clip lie."""
        return self.path / "results.npz"

    @property
    def folds_path(self) -> Path:
        """Where a cross-validation keeps its finished folds until all are."""
        return self.path / "folds"

    def fold_path(self, fold: int, suffix: str) -> Path:
        """A finished fold's scores ("json") or answers ("npz")."""
        self.folds_path.mkdir(exist_ok=True)
        return self.folds_path / f"{fold}.{suffix}"

    @property
    def log_path(self) -> Path:
        """What the worker printed."""
        return self.path / "log.txt"

    @property
    def _events_path(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def _cancel_path(self) -> Path:
        return self.path / "cancel"

    @property
    def _pause_path(self) -> Path:
        return self.path / "pause"

    @property
    def _asked_path(self) -> Path:
        """A file of our own: the lock's times change whenever a library opens it."""
        return self.path / "asked"

    @property
    def begun_at(self) -> datetime:
        """When the run was asked for the first time (UTC)."""
        return datetime.fromtimestamp((self.path / "run.json").stat().st_mtime, UTC)

    @property
    def _lock_path(self) -> Path:
        return self.path / "alive.lock"

    def lock(self) -> FileLock:
        """The lock a worker holds as long as it lives."""
        return FileLock(self._lock_path)

    def events(self) -> list[dict[str, Any]]:
        """Every event so far, oldest first."""
        return [line for line in read_json_lines(self._events_path) if is_event(line)]

    def last_event(self) -> dict[str, Any] | None:
        """The newest event, without reading the older ones."""
        line = read_last_json_line(self._events_path)
        return line if line is not None and is_event(line) else None

    def emit(self, event: str, **figures: Any) -> None:
        """Append one event (worker only)."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        append_json_line(self._events_path, {"event": event, "at": now, **figures})

    def drop_unfinished_line(self) -> None:
        """Cut events.jsonl back to its last whole line (worker only, before a resume)."""
        if self._events_path.exists():
            data = self._events_path.read_bytes()
            with open(self._events_path, "r+b") as file:
                file.truncate(data.rfind(b"\n") + 1)

    def epochs(self) -> list[dict[str, Any]]:
        """The epoch events in order; where a resume repeated one, the later counts."""
        return epochs_of(self.events())

    def request_start(self) -> None:
        """Note that a worker is on its way, and forget an earlier wish to stop.

        RunFailed where that cannot be written.
        """
        self._cancel_path.unlink(missing_ok=True)
        self._pause_path.unlink(missing_ok=True)
        write_bytes(self._asked_path, b"%d\n" % whole_lines_bytes(self._events_path))

    def request_stop(self) -> None:
        """Ask the worker to stop at its next batch; RunFailed where that cannot be written."""
        write_bytes(self._cancel_path, b"")

    def request_pause(self) -> None:
        """Ask the worker of a cross-validation to stop once the fold at work is done."""
        write_bytes(self._pause_path, b"")

    @property
    def is_pause_requested(self) -> bool:
        """True once somebody asked this run to stop after a fold."""
        return self._pause_path.exists()

    @property
    def is_stop_requested(self) -> bool:
        """True once somebody asked this run to stop."""
        return self._cancel_path.exists()

    def is_alive(self) -> bool:
        """True while a worker holds the lock.

        Another reader's probe holds it for microseconds, so one refusal proves nothing.
        """
        if not self._lock_path.exists():  # To look would make it, and the folder of a deleted run.
            return False
        for probe in range(_PROBES):
            if probe:
                time.sleep(_PROBE_EVERY_S)
            try:
                with FileLock(self._lock_path, timeout=0):
                    return False
            except Timeout:
                continue
            except OSError:  # Where nothing can be written, nobody is at work.
                return False
        return True

    def status(self) -> Status:
        """What the run is doing, from its lock, its events and its age."""
        last = self.last_event()
        asked_at = modified_at(self._asked_path)
        is_answered = last is not None and self._is_since_asked(last, asked_at)
        ending = _ENDINGS.get(last["event"]) if last is not None and is_answered else None
        if ending is not None:
            return ending
        is_alive = self.is_alive()
        if is_answered and last is not None:
            if is_alive:
                return "queued" if last["event"] == "queued" else "running"
            return "interrupted"
        is_expected = abs(time.time() - asked_at) < STARTING_S
        return "starting" if is_alive or is_expected else _ended_before(last)

    def _is_since_asked(self, last: dict[str, Any], asked_at: float) -> bool:
        """Whether the last event came after the wish for a worker.

        By how much had happened before it: a clock may be set back between the two. Older
        folders do not know that, and go by the clock.
        """
        try:
            return whole_lines_bytes(self._events_path) > int(self._asked_path.read_bytes())
        except (OSError, ValueError):
            return _seconds(last["at"]) >= asked_at - 0.01


def _ended_before(last: dict[str, Any] | None) -> Status:
    """The status of a run whose latest worker never came: what the one before left."""
    return _ENDINGS.get(last["event"], "interrupted") if last is not None else "interrupted"


def epochs_of(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The epochs among these events by fold and number; of a repeated one the later."""
    epochs = (event for event in events if event["event"] == "epoch")
    by_number = {(event.get("fold", 0), event["epoch"]): event for event in epochs}
    return [by_number[number] for number in sorted(by_number)]


def check_resumable(run: RunFolder) -> None:
    """Raise RunFailed where there is nothing to go on with."""
    status = run.status()
    if status in ACTIVE:
        raise RunFailed(f"Run '{run.id}' is at work already.")
    if status == "finished":
        raise RunFailed(f"Run '{run.id}' is finished. Train anew to change it.")


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def throttled(check: Callable[[], bool], every_s: float = 0.1) -> Callable[[], bool]:
    """The same question, asked at most every `every_s` seconds; a yes stays a yes."""
    asked_at, answer = float("-inf"), False

    def ask() -> bool:
        nonlocal asked_at, answer
        if not answer and time.monotonic() - asked_at >= every_s:
            asked_at, answer = time.monotonic(), check()
        return answer

    return ask
