"""Runs whose worker or server is killed, that are cancelled, or that all start at once."""

import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from faults.count import Count, Plan, Tally
from faults.keepsakes import write_rows
from faults.servers import server_killed
from faults.workers import (
    begin,
    crossval,
    is_gone,
    kill,
    leftovers,
    lost_s,
    outcome,
    send_worker,
    single,
    waited,
)
from urbansound.records import RunSpec
from urbansound.runs.folder import RunFolder, epochs_of
from urbansound.runs.launch import start_run
from urbansound.runs.spare import SpareWorker
from urbansound.runs.store import create_run, list_runs
from urbansound.runs.worker import work

_AT_ONCE = 3
_EPOCHS = 400
_SESSIONS = 8
_LONGEST_S = 1.5
# Every fifth is killed from its first moment on: a start takes some seconds.
_EARLY_EVERY, _EARLY = 5, 3.0
_INTERRUPTED_WITHIN_S, _GONE_WITHIN_S = 10.0, 3.0


def suite(plan: Plan) -> Iterator[Count]:
    """All of it, on a dataset of rows that trains in moments."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_rows(folder / "rows")
        yield _killed(folder, plan.times(6, 100), plan.random("killed"))
        yield server_killed(folder, plan.times(2, 50), plan)
        yield _cancelled(folder, plan.times(4, 50), plan)
        yield _pressed_at_once(folder, plan.times(1, 100))


def _killed(folder: Path, n: int, numbers: Random) -> Count:
    """Each killed at a random moment, resumed, and compared with one that nobody killed."""
    whole = {}
    for kind in (single, crossval):
        outputs = folder / f"whole-{kind.__name__}"
        run = create_run(outputs, kind(folder / "rows", _EPOCHS))
        work(outputs, run)
        whole[kind] = outcome(run)
    tally = Tally("SIGKILL of the worker, then resume, bit-equal to a run left alone")
    trials = [(turn, numbers.uniform(0, _LONGEST_S)) for turn in range(n)]

    def one(trial: tuple[int, float]) -> tuple[str, float, float | None]:
        turn, after_s = trial
        kind = crossval if turn % 4 == 3 else single
        outputs = folder / f"killed-{turn}"
        run, pid = begin(outputs, kind(folder / "rows", _EPOCHS))
        if turn % _EARLY_EVERY == 1:  # While it starts, it may be.
            return _kill_and_resume(outputs, run, pid, _EARLY * after_s, whole[kind])
        if waited(lambda: len(run.epochs()) > 0) is None:
            kill(pid)
            return f"it never began: {run.events()}", 0.0, 0.0
        return _kill_and_resume(outputs, run, pid, after_s, whole[kind])

    noticed, again = [], []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for said, noticed_s, again_s in pool.map(one, trials):
            tally.note(said)
            noticed.append(noticed_s)
            again.append(again_s)
    n_cut = sum(again_s is not None for again_s in again)
    if not n_cut:
        tally.wrong.append("each had ended before it was killed")
    return tally.count(
        f"{n_cut} cut short, known as interrupted within {max(noticed):.1f} s; done again at most "
        f"the epoch at work and {max(filter(None, again), default=0.0):.2f} s before it"
    )


def _kill_and_resume(
    outputs: Path, run: RunFolder, pid: int, after_s: float, whole: str | None
) -> tuple[str, float, float | None]:
    """What went wrong, seconds until it was known, seconds that were trained again.

    None for those where it had finished before it was killed.
    """
    time.sleep(after_s)
    kill(pid)
    noticed_s = waited(lambda: run.status() in ("interrupted", "finished"))
    if noticed_s is None or noticed_s > _INTERRUPTED_WITHIN_S:
        return f"not known as interrupted, but as {run.status()}", noticed_s or 0.0, 0.0
    again_s: float | None = None
    if run.status() == "interrupted":
        told = run.epochs()
        run.request_start()
        pid = send_worker(outputs, run)
        if waited(lambda: run.status() in ("finished", "failed")) is None:
            kill(pid)
            return f"resumed, it never ended: {run.status()}", noticed_s, 0.0
        again_s = lost_s(told, _told_again(run))
    is_equal = run.status() == "finished" and outcome(run) == whole
    wrong = "" if is_equal else f"ended {run.status()}, other than one left alone"
    late = f"{again_s:.2f} s were lost" if again_s is not None and again_s > 1.0 else ""
    return "; ".join(filter(None, (wrong, late, leftovers(outputs)))), noticed_s, again_s


def _told_again(run: RunFolder) -> list[dict[str, Any]]:
    """The epochs since the last start."""
    events = run.events()
    last = max(place for place, event in enumerate(events) if event["event"] == "started")
    return epochs_of(events[last:])


def _cancelled(folder: Path, n: int, plan: Plan) -> Count:
    """Runs stopped at a random moment; every fourth while it waits behind another."""
    tally, slowest, numbers = Tally("runs cancelled"), 0.0, plan.random("cancelled")
    for turn in range(n):
        outputs = folder / f"cancelled-{turn}"
        pids, runs = [], []
        for _ in range(2 if turn % 4 == 3 else 1):
            run, pid = begin(outputs, single(folder / "rows", 100_000))
            pids.append(pid)
            runs.append(run)
            reached = "epoch" if len(runs) == 1 else "queued"
            waited(lambda r=run, e=reached: any(event["event"] == e for event in r.events()))
        time.sleep(numbers.uniform(0, _LONGEST_S))
        for run in runs:
            run.request_stop()
        took_s = waited(lambda p=pids: all(map(is_gone, p)), within_s=30)
        slowest = max(slowest, took_s or 30.0)
        is_soon = took_s is not None and took_s <= plan.within(_GONE_WITHIN_S)
        late = "" if is_soon else f"gone after {took_s} s"
        states = {run.status() for run in runs}
        tally.note(late, leftovers(outputs), "" if states == {"stopped"} else f"{states}")
        for pid in pids:
            kill(pid)
    return tally.count(f"the process gone within {slowest:.1f} s")


def _pressed_at_once(folder: Path, n: int) -> Count:
    """Eight sessions that press Train in the same moment, `n` times."""
    tally = Tally("eight sessions pressing Train at once")
    for turn in range(n):
        outputs, spare = folder / f"pressed-{turn}", SpareWorker()
        spare.warm_up()
        _press_together(outputs, single(folder / "rows", 2), spare)
        took = waited(lambda o=outputs: _are_done(list_runs(o)))
        spare.close()
        tally.note(
            "" if took is not None else "they never ended",
            _counted(list_runs(outputs)),
            _overlapping(list_runs(outputs)),
            leftovers(outputs),
        )
    return tally.count("as many runs as were asked for, one on the device at a time")


def _press_together(outputs: Path, spec: RunSpec, spare: SpareWorker) -> None:
    gate = threading.Barrier(_SESSIONS)

    def press() -> None:
        gate.wait()
        start_run(outputs, spec, spare)

    sessions = [threading.Thread(target=press) for _ in range(_SESSIONS)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()


def _are_done(runs: list[RunFolder]) -> bool:
    return all(run.status() in ("finished", "failed", "stopped", "interrupted") for run in runs)


def _counted(runs: list[RunFolder]) -> str:
    ended = [[event["event"] for event in run.events()].count("finished") for run in runs]
    return "" if ended == [1] * _SESSIONS else f"runs finished so often: {ended}"


def _overlapping(runs: list[RunFolder]) -> str:
    """Two that had the device at once, by what they wrote down."""
    spans = sorted((_moment(run, "turn"), _moment(run, "finished"), run.id) for run in runs)
    for (_, ended, one), (began, _, other) in pairwise(spans):
        if began < ended:
            return f"{one} and {other} had the device at once"
    return ""


def _moment(run: RunFolder, name: str) -> float:
    told = [event["at"] for event in run.events() if event["event"] == name]
    return datetime.fromisoformat(told[0]).timestamp() if told else 0.0
