"""Features of a dataset, extracted once and kept.

Beside a dataset root `X/UrbanSound8K` stand the article's files `X/features_mfccs.pt`,
`X/labels.pt` and `X/folds.pt`, or for other features `X/features_<name>.npy`, and a sidecar
that says what they are of; those of a person's own folder stand in a folder of the app's data.
A changed, new or missing clip is noticed by size and time; only such clips are extracted again.
"""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.clips import piece_of
from urbansound.errors import BadDataset, RunFailed
from urbansound.features.article import load_article
from urbansound.features.clip import check_spec
from urbansound.features.cluster import drop_shards, extract_on_cluster, shards_folder
from urbansound.features.extract import Progress, extract_files
from urbansound.features.gathering import empty_rows
from urbansound.features.sidecar import (
    FileState,
    Sidecar,
    check_owner,
    read_sidecar,
    state_of,
    write_sidecar,
)
from urbansound.features.spec import MFCC40
from urbansound.features.stores import UNLOADABLE, Arrays, Store, content_sha256, store_for
from urbansound.files import drop_parts
from urbansound.paths import keeping_folder
from urbansound.records import Clip, DatasetIndex, FeatureSpec, FeatureTable, Problem, to_json
from urbansound.sole_use import sole_use
from urbansound.stages import stage, staged

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class _Cached:
    """What an earlier extraction left: its sidecar and its arrays, which belong together."""

    sidecar: Sidecar
    arrays: Arrays


@dataclass(frozen=True, eq=False)
class _Clips:
    """What is known of each clip file by its path: a row or a problem, and its state.

    A row is known by the array it stands in and its number there.
    """

    rows: dict[str, tuple[NDArray[Any], int]]
    problems: dict[str, str]
    files: dict[str, FileState]


def load_features(
    index: DatasetIndex,
    spec: FeatureSpec,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    on_progress: Progress | None = None,
) -> FeatureTable:
    """The dataset's table: from its cache what is still true, the rest extracted and cached.

    With `cluster`, a scheduler's address, the workers there extract what is missing.

    Pooled features are float32 [n, n_features], log-mel float16 [n, n_mels, frames].
    `on_progress` gets (files done, files to extract), also while another process extracts;
    it is not called where there is nothing to do, and may end the work by raising.
    The data digest hashes the CSV rows and the sound files' content, so it is the same on
    every machine. A folder that cannot be written to costs the cache, not the features.
    BadDataset where the cache is another dataset's, or no clip could be read.
    """
    check_spec(spec)
    if not index.has_audio:
        return load_article(index, spec)
    store = store_for(spec, _folder(index))
    on_progress = on_progress or _ignore
    with sole_use(store.folder / ".features.lock", lambda: on_progress(0, len(index.clips))):
        return _up_to_date(
            index, spec, store, workers=workers, cluster=cluster, on_progress=on_progress
        )


def kept_features(index: DatasetIndex, spec: FeatureSpec) -> FeatureTable | None:
    """The dataset's table as it is kept; None where it is not there whole, or of other clips.

    Nothing is extracted or written, and the sounds are not looked at.
    """
    check_spec(spec)
    if not index.has_audio:
        return load_article(index, spec)
    store = store_for(spec, _folder(index))
    cached = _read_cache(read_sidecar(store.sidecar), spec, store)
    if cached is None:
        return None
    known = _known(cached, cached.sidecar.files)
    is_of_these = all(clip.path in known.files for clip in index.clips)
    if not is_of_these or _data_digest(index, known) != cached.sidecar.data_digest:
        return None
    return _table(index, cached.sidecar, cached.arrays)


def _ignore(done: int, total: int) -> None:
    pass


def feature_files(index: DatasetIndex, spec: FeatureSpec) -> list[Path]:
    """Where `load_features` keeps, or finds, the dataset's features."""
    check_spec(spec)
    store = store_for(spec, _folder(index))
    own = [store.sidecar] if index.has_audio else []
    return [*store.files.values(), *own]


def _folder(index: DatasetIndex) -> Path:
    return keeping_folder(index.root, index.layout if index.has_audio else "tensors")


def _up_to_date(
    index: DatasetIndex,
    spec: FeatureSpec,
    store: Store,
    *,
    workers: int | None,
    cluster: str | None,
    on_progress: Progress,
) -> FeatureTable:
    drop_parts(store.folder)
    sidecar = read_sidecar(store.sidecar)
    check_owner(store, sidecar, index)
    cached = _read_cache(sidecar, spec, store)
    known = _still_true(index, cached)
    stale = [clip for clip in index.clips if clip.path not in known.files]
    if stale:
        _extract_into(
            known,
            index,
            stale,
            spec=spec,
            workers=workers,
            cluster=cluster,
            on_progress=on_progress,
        )
    sidecar, arrays = _assemble(index, spec, known)
    if cached is None or cached.sidecar != sidecar:
        arrays = _save(store, sidecar, arrays)
    return _table(index, sidecar, arrays)


@staged("loading the cache")
def _read_cache(sidecar: Sidecar | None, spec: FeatureSpec, store: Store) -> _Cached | None:
    """What the store holds, or None where that is nothing, damaged or of another spec."""
    if sidecar is None or sidecar.spec != spec:
        return None
    try:
        arrays = store.load()
    except UNLOADABLE:
        return None
    is_whole = {name: content_sha256(array) for name, array in arrays.items()} == sidecar.sha256
    return _Cached(sidecar, arrays) if is_whole else None


@staged("states of files")
def _still_true(index: DatasetIndex, cached: _Cached | None) -> _Clips:
    """What the cache knows of the clips whose files have not changed since."""
    if cached is None:
        return _Clips({}, {}, {})
    old = cached.sidecar
    places = {clip.path: index.audio_path(clip) for clip in index.clips}
    files = {
        path: old.files[path]
        for path in places
        if path in old.files and old.files[path].is_like(state_of(places[path]))
    }
    return _known(cached, files)


def _known(cached: _Cached, files: dict[str, FileState]) -> _Clips:
    """What the cache holds of these files' clips."""
    old, features = cached.sidecar, cached.arrays["features"]
    return _Clips(
        {path: (features, number) for number, path in enumerate(old.rows) if path in files},
        {problem.clip: problem.message for problem in old.failed if problem.clip in files},
        files,
    )


def _extract_into(
    known: _Clips,
    index: DatasetIndex,
    stale: list[Clip],
    *,
    spec: FeatureSpec,
    workers: int | None,
    cluster: str | None,
    on_progress: Progress,
) -> None:
    """Add the stale clips to what is known."""
    # Taken before the files are read: a change meanwhile is then noticed next time.
    with stage("states of files"):
        states = {clip.path: state_of(index.audio_path(clip)) for clip in stale}
    pieces = [piece_of(index, clip) for clip in stale]
    if cluster is None:
        folder = store_for(spec, _folder(index)).folder
        found = extract_files(pieces, spec, workers=workers, folder=folder, on_progress=on_progress)
    else:
        found = extract_on_cluster(
            pieces,
            [states[clip.path] for clip in stale],
            spec,
            address=cluster,
            folder=shards_folder(_folder(index), spec),
            on_progress=on_progress,
        )
    known.files.update(states)
    known.problems.update({stale[n].path: message for n, message in found.failed.items()})
    for number, (position, checksum) in enumerate(
        zip(found.positions, found.checksums, strict=True)
    ):
        path = stale[position].path
        known.rows[path] = (found.rows, number)
        known.files[path] = FileState(states[path].size_bytes, states[path].mtime_ns, checksum)


@staged("joining")
def _assemble(index: DatasetIndex, spec: FeatureSpec, known: _Clips) -> tuple[Sidecar, Arrays]:
    """The sidecar and arrays of what is known, in the order of the index."""
    heard = [clip for clip in index.clips if clip.path in known.rows]
    paths = tuple(clip.path for clip in heard)
    places = [known.rows[path] for path in paths]
    arrays: Arrays = {"features": _in_order(places, spec, _folder(index))}
    if spec == MFCC40:
        arrays["labels"] = np.array([clip.class_id for clip in heard], np.int64)
        arrays["folds"] = np.array([clip.fold for clip in heard], np.int64)
    sidecar = Sidecar(
        root=_own_name(index),
        spec=spec,
        rows=paths,
        files={clip.path: known.files[clip.path] for clip in index.clips},
        failed=_problems(index, known),
        sha256={name: content_sha256(array) for name, array in arrays.items()},
        data_digest=_data_digest(index, known),
    )
    return sidecar, arrays


def _in_order(
    places: list[tuple[NDArray[Any], int]], spec: FeatureSpec, folder: Path
) -> NDArray[Any]:
    """The rows at these places; an array that holds just them in this order is not copied."""
    whole = places[0][0] if places else empty_rows(0, spec)
    if len(whole) == len(places) and all(
        array is whole and number == wanted for wanted, (array, number) in enumerate(places)
    ):
        return whole
    rows = empty_rows(len(places), spec, folder)
    for number, (array, place) in enumerate(places):
        rows[number] = array[place]
    return rows


def _problems(index: DatasetIndex, known: _Clips) -> tuple[Problem, ...]:
    return tuple(
        Problem("unreadable", clip.path, known.problems[clip.path])
        for clip in index.clips
        if clip.path in known.problems
    )


def _data_digest(index: DatasetIndex, known: _Clips) -> str:
    """A checksum of the CSV rows and sound files that the table is made of."""
    hasher = hashlib.sha256(repr(index.class_names).encode())
    for clip in index.clips:
        if clip.path in known.rows:
            facts = [*_facts(clip), known.files[clip.path].checksum]
            hasher.update(repr(facts).encode())
    return hasher.hexdigest()


def _facts(clip: Clip) -> list[Any]:
    """What a table says of the clip; where it is cut out of a file, that file too."""
    facts = to_json(clip)
    file = facts.pop("file")
    return [*facts.values(), file] if file else [*facts.values()]


def _own_name(index: DatasetIndex) -> str:
    """The dataset folder as seen from where its features are kept."""
    root = index.root.absolute()
    return root.name if root.parent == _folder(index) else str(root)


@staged("writing the cache")
def _save(store: Store, sidecar: Sidecar, arrays: Arrays) -> Arrays:
    """Keep the arrays; where that fails the features are still good, so it is only said.

    What was too large for memory is from now on read where it is kept.
    """
    if not sidecar.rows:
        return arrays
    try:
        # First the sidecar: a crash half way then leaves arrays that do not match it and are
        # made again, not arrays that seem to be somebody else's.
        write_sidecar(store.sidecar, sidecar)
        store.save(arrays)
    except RunFailed as error:
        _log.warning("The features were not kept and will be extracted again: %s", error)
        return arrays
    drop_shards(store.folder, sidecar.spec)
    return store.load() if isinstance(arrays["features"], np.memmap) else arrays


@staged("joining")
def _table(index: DatasetIndex, sidecar: Sidecar, arrays: Arrays) -> FeatureTable:
    if not sidecar.rows:
        raise BadDataset(
            f"None of the {len(index.clips)} clips in '{index.root}' could be read. "
            + (sidecar.failed[0].message if sidecar.failed else "The list of clips is empty.")
        )
    rows = set(sidecar.rows)
    numbers = [number for number, clip in enumerate(index.clips) if clip.path in rows]
    return FeatureTable(
        features=arrays["features"],
        labels=np.array([index.clips[number].class_id for number in numbers], np.int64),
        folds=np.array([index.clips[number].fold for number in numbers], np.int64),
        clip_numbers=np.array(numbers, np.int64),
        spec=sidecar.spec,
        data_digest=sidecar.data_digest,
        failed=sidecar.failed,
    )
