"""Features of all clips of a dataset, on all cores."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.features.clip import FileRows, check_spec, read_rows, row_shape, row_type
from urbansound.features.pool import FILES_PER_TASK, WorkerPool, join_rows
from urbansound.records import Clip, DatasetIndex, FeatureSpec, Problem

Progress = Callable[[int, int], None]

_WORTH_A_POOL = 64


def extract(
    index: DatasetIndex,
    spec: FeatureSpec,
    *,
    workers: int | None = None,
    on_progress: Progress | None = None,
) -> tuple[NDArray[Any], NDArray[np.int64], tuple[Problem, ...]]:
    """Features [n_ok, ...], the numbers of the clips they are of [n_ok], and the bad files.

    Rows are of row_shape(spec) and row_type(spec), see features.clip. `workers` None
    means one process per core; `on_progress` gets (files done, files in all).
    """
    paths = [index.audio_path(clip) for clip in index.clips]
    found = extract_files(paths, spec, workers=workers, on_progress=on_progress)
    return found.rows, found.positions, name_problems(index.clips, found.failed)


def name_problems(clips: Sequence[Clip], failed: dict[int, str]) -> tuple[Problem, ...]:
    """The files that could not be read, in the clips' order."""
    return tuple(
        Problem("unreadable", clips[n].path, message) for n, message in sorted(failed.items())
    )


def extract_files(
    paths: Sequence[Path],
    spec: FeatureSpec,
    *,
    workers: int | None = None,
    on_progress: Progress | None = None,
) -> FileRows:
    """The files' rows in their order. Few files are read in this process, many in a pool."""
    check_spec(spec)
    absolute = [path.absolute() for path in paths]
    n_workers = min(workers or n_cores(), -(-len(paths) // FILES_PER_TASK))
    if len(paths) < _WORTH_A_POOL or n_workers == 1:
        return _gather(_read_here(absolute, spec), len(paths), spec, on_progress)
    with WorkerPool(spec, n_workers) as pool:
        return _gather(pool.read_rows(absolute), len(paths), spec, on_progress)


def n_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read_here(paths: Sequence[Path], spec: FeatureSpec) -> Iterator[tuple[int, FileRows]]:
    for position, path in enumerate(paths):
        yield position, read_rows([path], spec)


def _gather(
    parts: Iterator[tuple[int, FileRows]],
    n_files: int,
    spec: FeatureSpec,
    on_progress: Progress | None,
) -> FileRows:
    nothing = np.empty((0, *row_shape(spec)), row_type(spec))
    gathered = [(0, FileRows(nothing, np.empty(0, np.int64), (), {}))]
    n_done = 0
    for start, part in parts:
        gathered.append((start, part))
        n_done += len(part.positions) + len(part.failed)
        if on_progress is not None:
            on_progress(n_done, n_files)
    return join_rows(gathered)
