"""Features of all clips of a dataset, on all cores."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.clips import Piece, piece_of
from urbansound.features.clip import FileRows, check_spec, read_rows
from urbansound.features.gathering import Gathering
from urbansound.features.pool import FILES_PER_TASK, read_in_pool
from urbansound.records import Clip, DatasetIndex, FeatureSpec, Problem
from urbansound.worker_pool import n_cores

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
    pieces = [piece_of(index, clip) for clip in index.clips]
    found = extract_files(pieces, spec, workers=workers, on_progress=on_progress)
    return found.rows, found.positions, name_problems(index.clips, found.failed)


def name_problems(clips: Sequence[Clip], failed: dict[int, str]) -> tuple[Problem, ...]:
    """The files that could not be read, in the clips' order."""
    return tuple(
        Problem("unreadable", clips[n].path, message) for n, message in sorted(failed.items())
    )


def extract_files(
    pieces: Sequence[Piece],
    spec: FeatureSpec,
    *,
    workers: int | None = None,
    folder: Path | None = None,
    on_progress: Progress | None = None,
) -> FileRows:
    """The sounds' rows in their order. Few are read in this process, many in a pool.

    What is too large for memory lies in `folder`, see features.gathering.
    """
    check_spec(spec)
    gathering = Gathering(len(pieces), spec, folder)
    absolute = [replace(piece, path=piece.path.absolute()) for piece in pieces]
    n_workers = min(workers or n_cores(), -(-len(pieces) // FILES_PER_TASK))
    if len(pieces) < _WORTH_A_POOL or n_workers == 1:
        _gather(_read_here(absolute, spec), gathering, len(pieces), on_progress)
        return gathering.rows()
    parts = read_in_pool(absolute, spec, n_workers)
    with contextlib.closing(parts):
        _gather(parts, gathering, len(pieces), on_progress)
    return gathering.rows()


def _read_here(pieces: Sequence[Piece], spec: FeatureSpec) -> Iterator[tuple[int, FileRows]]:
    for position, piece in enumerate(pieces):
        yield position, read_rows([piece], spec)


def _gather(
    parts: Iterator[tuple[int, FileRows]],
    gathering: Gathering,
    n_files: int,
    on_progress: Progress | None,
) -> None:
    n_done = 0
    for start, part in parts:
        gathering.put(start, part)
        n_done += len(part.positions) + len(part.failed)
        if on_progress is not None:
            on_progress(n_done, n_files)
