"""Features of ever more clips: time a clip and memory of the process that puts them together."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.features_speed import KINDS, wav_files
from benchmarks.machine import machine_text
from benchmarks.table import Table

SIZES = (1_000, 10_000, 100_000)
SPECS = ("mfcc", "logmel")
_CHILD = """
import json, sys, time
from pathlib import Path
from urbansound.audio.clips import Piece
from urbansound.features.extract import extract_files
from urbansound.features.spec import find_spec

files, n, name, folder = json.loads(sys.argv[1])
pieces = [Piece(Path(files[k % len(files)])) for k in range(n)]
started = time.perf_counter()
found = extract_files(pieces, find_spec(name), folder=Path(folder))
seconds = time.perf_counter() - started
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps([len(found.rows), seconds, int(status["RssAnon"].split()[0]) / 1024]))
"""


def scale() -> Iterator[Table]:
    """One row a size and kind of features; the files are repeated."""
    machine = machine_text("numpy")
    with wav_files(KINDS[1]) as files:
        rows = [_row(files, n, name) for name in SPECS for n in SIZES]
    head = ("features", "clips", "time", "clips/s", "memory at the end", "a clip")
    notes = (
        f"Files of {KINDS[1].title}, repeated. Memory is the calling process's own (RssAnon, "
        "without pages of files); 'a clip' is what it grew by against the size before it. "
        "Each worker process has about 100 MB besides, whatever the number of clips.",
    )
    yield Table("scale", head, list(_with_growth(rows)), machine, notes)


def _row(files: list[Path], n: int, name: str) -> tuple[str, int, float, float]:
    argument = json.dumps([[str(path) for path in files], n, name, str(files[0].parent)])
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, argument], capture_output=True, check=True, text=True
    )
    n_rows, seconds, own_mb = json.loads(done.stdout)
    assert n_rows == n
    return name, n, seconds, own_mb


def _with_growth(rows: list[tuple[str, int, float, float]]) -> Iterator[list[str]]:
    before: tuple[str, int, float] = ("", 0, 0.0)
    for name, n, seconds, mb in rows:
        growth = f"{1024 * (mb - before[2]) / (n - before[1]):.2f} KB" if name == before[0] else ""
        yield [name, f"{n:,}", f"{seconds:.1f} s", f"{n / seconds:,.0f}", f"{mb:.0f} MB", growth]
        before = (name, n, mb)
