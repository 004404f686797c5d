"""The sounds of a dataset shared between processes that turn them into rows."""

import json
from collections.abc import Generator, Sequence

import numpy as np

from urbansound.audio.clips import Piece
from urbansound.features.clip import FileRows, row_shape, row_type
from urbansound.records import FeatureSpec, to_json
from urbansound.stages import WAITING, Stopwatch, each_in_stage, stopwatch_in_force
from urbansound.worker_pool import Answer, WorkerPool

FILES_PER_TASK = 16
WORKER = "urbansound.features.worker"
KEEP_STAGES = "stages"
"""The argument that makes a worker tell what took how long."""
STARTING = "starting processes"


def read_in_pool(
    pieces: Sequence[Piece], spec: FeatureSpec, n_workers: int
) -> Generator[tuple[int, FileRows]]:
    """(position of the first sound, its task's rows), in the order they are done."""
    requests = [[str(piece.path), piece.start_s, piece.end_s] for piece in pieces]
    stopwatch = stopwatch_in_force()
    arguments = [json.dumps(to_json(spec)), *([] if stopwatch is None else [KEEP_STAGES])]
    with WorkerPool(n_workers, WORKER, *arguments) as pool:
        for start, answer in each_in_stage(WAITING, pool.share(requests, FILES_PER_TASK)):
            if stopwatch is not None and answer is not None:
                _count(stopwatch, answer, pool)
            yield start, _killer(pieces[start], spec) if answer is None else _rows(answer, spec)


def _count(stopwatch: Stopwatch, answer: Answer, pool: WorkerPool) -> None:
    """What the processes did while this one waited, the first time also how they started."""
    if STARTING not in stopwatch.spent:
        stopwatch.move(pool.starting_s, WAITING, STARTING)
    stopwatch.merge(answer[0]["stages"])


def _rows(answer: Answer, spec: FeatureSpec) -> FileRows:
    """What a worker packed: see features.worker."""
    header, body = answer
    failed: dict[int, str] = dict(header["failed"])
    n = len(header["checksums"]) + len(failed)
    positions = [position for position in range(n) if position not in failed]
    rows = np.frombuffer(body, row_type(spec)).reshape(-1, *row_shape(spec))
    return FileRows(rows, np.array(positions, np.int64), tuple(header["checksums"]), failed)


def _killer(piece: Piece, spec: FeatureSpec) -> FileRows:
    rows = np.empty((0, *row_shape(spec)), row_type(spec))
    message = f"'{piece.path}' made the program that reads it stop. Leave it out."
    return FileRows(rows, np.empty(0, np.int64), (), {0: message})
