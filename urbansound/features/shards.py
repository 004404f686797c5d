"""Shards: the rows of some hundred sounds in one file, written by whatever machine read them.

A shard is named by what it is of (spec, paths, sizes, times), so one that is there need not
be made again. It is numbers and text alone, and believed by its checksum.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from urbansound.audio.clips import Piece
from urbansound.cluster import machine, not_shared
from urbansound.errors import RunFailed
from urbansound.features.clip import FileRows, read_rows
from urbansound.features.gathering import Gathering
from urbansound.features.pool import read_in_pool
from urbansound.features.sidecar import FileState, state_of
from urbansound.files import digest_of
from urbansound.kept_arrays import read_arrays, write_arrays
from urbansound.records import FeatureSpec, to_json


@dataclass(frozen=True)
class Chunk:
    """Some of a dataset's sounds, their files' states, and the folder their shard goes to."""

    folder: Path
    spec: FeatureSpec
    pieces: tuple[Piece, ...]
    states: tuple[FileState, ...]

    @cached_property
    def name(self) -> str:
        """The same for the same features of the same files, and for no others."""
        files = [
            [str(piece.path), piece.start_s, piece.end_s, state.size_bytes, state.mtime_ns]
            for piece, state in zip(self.pieces, self.states, strict=True)
        ]
        return digest_of([to_json(self.spec), files])

    @property
    def path(self) -> Path:
        """Where its shard lies when it is done."""
        return self.folder / f"{self.name}.shard"


def cut(
    pieces: Sequence[Piece],
    states: Sequence[FileState],
    spec: FeatureSpec,
    *,
    folder: Path,
    n_each: int,
) -> list[Chunk]:
    """The sounds in chunks of `n_each`, in their order."""
    return [
        Chunk(
            folder,
            spec,
            tuple(pieces[start : start + n_each]),
            tuple(states[start : start + n_each]),
        )
        for start in range(0, len(pieces), n_each)
    ]


def write_shard(chunk: Chunk) -> str:
    """The name of the chunk's shard, which is there afterwards; for any machine to run.

    BadConfig where this machine does not see the same files, RunFailed where the shard cannot
    be written. A sound over which a process ended is named as any other that cannot be read.
    """
    _check_in_sight(chunk)
    if read_shard(chunk) is None:
        begun = chunk.path.with_suffix(".begun")
        is_second_try = begun.exists()
        with _saying_where():
            begun.touch()
        found = _read_apart(chunk) if is_second_try else read_rows(chunk.pieces, chunk.spec)
        _write(chunk, found)
        with _saying_where():
            begun.unlink(missing_ok=True)
    return chunk.name


@contextlib.contextmanager
def _saying_where() -> Iterator[None]:
    """Whoever reads the error sits at another machine."""
    try:
        yield
    except OSError as error:
        raise RunFailed(
            f"The worker on '{machine()}' cannot write in the shared folder: {error}. Give the "
            "workers' user the right to."
        ) from error


def read_shard(chunk: Chunk) -> FileRows | None:
    """The chunk's rows, where its shard is there and whole."""
    arrays = read_arrays(chunk.path, chunk.name)
    if arrays is None:
        return None
    failed = zip(arrays["failed"].tolist(), arrays["messages"].tolist(), strict=True)
    return FileRows(
        arrays["rows"], arrays["positions"], tuple(arrays["checksums"].tolist()), dict(failed)
    )


def _write(chunk: Chunk, found: FileRows) -> None:
    if not chunk.folder.is_dir():  # All is done, and the folder gone: it is not made anew.
        raise not_shared(chunk.folder)
    arrays = {
        "rows": found.rows,
        "positions": found.positions,
        "checksums": np.array(found.checksums, np.str_),
        "failed": np.array(list(found.failed), np.int64),
        "messages": np.array(list(found.failed.values()), np.str_),
    }
    write_arrays(chunk.path, chunk.name, arrays)


def _read_apart(chunk: Chunk) -> FileRows:
    """Somebody's process ended over these: another one takes the risk, so that the sound that
    ends every process can be named."""
    gathering = Gathering(len(chunk.pieces), chunk.spec, chunk.folder)
    for start, part in read_in_pool(chunk.pieces, chunk.spec, 1):
        gathering.put(start, part)
    return gathering.rows()


def _check_in_sight(chunk: Chunk) -> None:
    if not chunk.folder.is_dir():
        raise not_shared(chunk.folder)
    for piece, state in zip(chunk.pieces, chunk.states, strict=True):
        if not state_of(piece.path).is_like(state):
            raise not_shared(piece.path)
