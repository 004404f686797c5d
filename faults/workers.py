"""Runs to do things to: their spec, the process that works on each, and how it ended."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faults.keepsakes import digest
from urbansound.processes import start_detached
from urbansound.records import Protocol, RunSpec, TrainConfig
from urbansound.runs.folder import RunFolder
from urbansound.runs.saved import run_card, run_model
from urbansound.runs.store import create_run, list_runs
from urbansound.runs.weights import load_weights

PATIENCE_S = 120.0
FOLDS = (1, 2, 3)


def single(dataset: Path, epochs: int) -> RunSpec:
    """A training of model1 on rows that are there."""
    config = TrainConfig(epochs=epochs, batch_size=16, device="cpu")
    return RunSpec(str(dataset), "model1", train=config, protocol=Protocol("official", (10,), (9,)))


def crossval(dataset: Path, epochs: int) -> RunSpec:
    """The same for three folds."""
    config = TrainConfig(epochs=epochs, batch_size=16, device="cpu")
    protocol = Protocol("official", FOLDS, (10, 1, 2))
    return RunSpec(str(dataset), "model1", train=config, protocol=protocol, folds=FOLDS)


def begin(outputs: Path, spec: RunSpec) -> tuple[RunFolder, int]:
    """A run and the number of the process at work on it."""
    run = create_run(outputs, spec)
    return run, send_worker(outputs, run)


def send_worker(outputs: Path, run: RunFolder) -> int:
    """As the app does it."""
    place = str(outputs.resolve())
    return start_detached("urbansound.runs.worker", place, run.id, log_path=run.log_path)


def kill(pid: int) -> None:
    """SIGKILL, where the process is there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def is_gone(pid: int) -> bool:
    """Ended, whether or not anybody has waited for it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def waited(is_so: Callable[[], bool], within_s: float = PATIENCE_S) -> float | None:
    """The seconds until it was so; None where it never was."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > within_s:
            return None
        time.sleep(0.02)
    return time.monotonic() - began


def outcome(run: RunFolder) -> str | None:
    """All that a finished run comes to, to the bit: losses, scores, weights."""
    card = run_card(run)
    assert card is not None
    losses = [(event.get("fold"), event["epoch"], event["train_loss"]) for event in run.epochs()]
    weights = {} if run.spec.is_crossval else load_weights(run_model(run))
    return digest([losses, card.test, card.folds, card.calibration, weights])


def lost_s(told: list[dict[str, Any]], again: list[dict[str, Any]]) -> float:
    """Seconds of training done again, but for the first of these epochs, of the fold most hit."""
    repeated = {(epoch.get("fold"), epoch["epoch"]) for epoch in again}
    lost: dict[Any, list[float]] = {}
    for epoch in told:
        if (epoch.get("fold"), epoch["epoch"]) in repeated:
            lost.setdefault(epoch.get("fold"), []).append(float(epoch["seconds"]))
    return max((sum(seconds[1:]) for seconds in lost.values()), default=0.0)


def leftovers(outputs: Path) -> str:
    """What a run that has ended should not leave."""
    parts = [path.name for path in outputs.rglob("*.part")]
    alive = [run.id for run in list_runs(outputs) if run.is_alive()]
    return "; ".join(f"{name} is left" for name in (*parts, *alive))
