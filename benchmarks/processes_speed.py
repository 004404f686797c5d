"""An epoch of model2 in one process and shared by two that torchrun starts, on processors."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.machine import machine_text
from benchmarks.ratio import REPEATS
from benchmarks.table import Table
from urbansound.dataset.tensors import import_npz
from urbansound.runs.store import find_run

BATCHES = (32, 2048)
EPOCHS = 8
_ALONE = ("-m", "urbansound")
_TOGETHER = (
    *("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
    *("-m", "urbansound"),
)


def processes(npz: Path) -> Iterator[Table]:
    """The table, from an .npz of features [n, 40], labels [n] and folds [n]."""
    machine = machine_text("torch")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        n_clips = len(import_npz(npz, place / "data").clips)
        rows = [_row(place, size) for size in BATCHES]
    head = ("batch", "one process", "two processes")
    notes = (
        f"Milliseconds an epoch of model2 over {n_clips:,} rows, one thread a process, gloo: the "
        f"median of epochs 2 to {EPOCHS} of {REPEATS} trainings in turn.",
    )
    yield Table("processes", head, rows, machine, notes)


def _row(place: Path, batch_size: int) -> list[str]:
    alone: list[float] = []
    together: list[float] = []
    for _ in range(REPEATS):
        alone += _epochs(_ALONE, place, batch_size)
        together += _epochs(_TOGETHER, place, batch_size)
    return [f"{batch_size:,}", *(f"{1000 * statistics.median(s):.0f}" for s in (alone, together))]


def _epochs(start: tuple[str, ...], place: Path, batch_size: int) -> list[float]:
    """Seconds of each epoch but the first."""
    outputs = place / "outputs"
    options = ("--test-fold", "none", "--validation-fold", "none", "--device", "cpu", "--json")
    sizes = ("--epochs", str(EPOCHS), "--batch-size", str(batch_size))
    places = ("--data", str(place / "data"), "--outputs", str(outputs))
    done = subprocess.run(
        [sys.executable, *start, "train", "--model", "model2", *sizes, *places, *options],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    run = find_run(outputs, json.loads(done.stdout)["run"])
    return [epoch["seconds"] for epoch in run.epochs()[1:]]
