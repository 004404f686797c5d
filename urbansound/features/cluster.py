"""Features of many sounds by the workers of a cluster, chunk by chunk."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from urbansound.audio.clips import Piece
from urbansound.cluster import share, shown
from urbansound.errors import BadConfig, RunFailed
from urbansound.features.clip import FileRows, check_spec
from urbansound.features.extract import Progress
from urbansound.features.gathering import Gathering
from urbansound.features.shards import Chunk, cut, read_shard, write_shard
from urbansound.features.sidecar import FileState
from urbansound.features.spec import spec_name
from urbansound.records import FeatureSpec
from urbansound.stages import staged

FILES_PER_CHUNK = 256


@staged("waiting for the cluster")
def extract_on_cluster(
    pieces: Sequence[Piece],
    states: Sequence[FileState],
    spec: FeatureSpec,
    *,
    address: str,
    folder: Path,
    on_progress: Progress,
) -> FileRows:
    """The sounds' rows in their order, as `extract_files` gives them.

    Workers leave their rows as shards in `folder`, which all machines share; what an earlier
    call left there is not made again. For errors see `cluster.share`.
    """
    check_spec(spec)
    absolute = [Piece(piece.path.absolute(), piece.start_s, piece.end_s) for piece in pieces]
    chunks = cut(absolute, states, spec, folder=_make(folder.absolute()), n_each=FILES_PER_CHUNK)
    gathering = Gathering(len(pieces), spec, folder.parent)
    missing = set(range(len(chunks)))

    def take(number: int, rows: FileRows) -> None:
        gathering.put(number * FILES_PER_CHUNK, rows)
        missing.remove(number)

    for number, rows in _kept(chunks):
        take(number, rows)

    def tell() -> None:
        n_missing = sum(len(chunks[number].pieces) for number in missing)
        on_progress(len(pieces) - n_missing, len(pieces))

    tell()
    asked = sorted(missing)
    work = share(address, write_shard, [chunks[n] for n in asked], while_waiting=tell)
    with closing(work):
        for place, _ in work if asked else ():
            take(asked[place], _fetch(chunks[asked[place]], tell))
            tell()
    return gathering.rows()


def shards_folder(folder: Path, spec: FeatureSpec) -> Path:
    """Where the shards of these features lie until all are done, beside the features."""
    return folder / f"shards_{spec_name(spec).replace('-', '_')}"


def drop_shards(folder: Path, spec: FeatureSpec) -> None:
    """Delete what the workers left, once the features are kept."""
    shutil.rmtree(shards_folder(folder, spec), ignore_errors=True)


def _make(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFailed(
            f"Workers leave what they made in '{folder}', which cannot be made: "
            f"{error.strerror}. Change the rights of the folder above it."
        ) from error
    return folder


def _kept(chunks: list[Chunk]) -> Iterator[tuple[int, FileRows]]:
    """What an earlier call left, with the chunk's number."""
    # One look at the folder: a shared one may remember for a minute that a file is not there.
    names = {path.name for path in chunks[0].folder.iterdir()} if chunks else set()
    for number, chunk in enumerate(chunks):
        rows = read_shard(chunk) if chunk.path.name in names else None
        if rows is not None:
            yield number, rows


def _fetch(chunk: Chunk, while_waiting: Callable[[], None]) -> FileRows:
    """The rows a worker says are there."""
    rows = shown(lambda: read_shard(chunk), while_waiting)
    if rows is None:
        raise BadConfig(
            f"A worker wrote '{chunk.path}', which is not there on this machine. Put the "
            "dataset in a folder that all machines share under the same path."
        )
    return rows
