"""A dataset's clips as a model hears them, kept on disk, and those most like another sound."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from urbansound.evaluation.nearest import most_similar
from urbansound.experiment.scoring import open_classifier
from urbansound.features.cache import feature_files, load_features
from urbansound.features.sidecar import Sidecar, read_sidecar, state_of
from urbansound.inference.classify import Classifier
from urbansound.kept_arrays import keep_arrays, let_go_of_older, read_arrays
from urbansound.records import DatasetIndex, FeatureSpec, FeatureTable
from urbansound.runs.weights import SavedModel

_PREFIX = "embeddings_"
# A file is 12 MB for all of UrbanSound8K and the cnn; older ones are let go.
_KEPT = 8
_ROWS_AT_ONCE = 64

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class ClipEmbeddings:
    """Embeddings float32 [n, d] of a dataset's clips, and which clip each is of, int64 [n]."""

    embeddings: NDArray[np.float32]
    clip_numbers: NDArray[np.int64]


@dataclass(frozen=True)
class Work:
    """What there is to do before clips can be compared: clips to measure, clips to listen to."""

    n_to_measure: int
    n_to_hear: int


@dataclass(frozen=True)
class Neighbour:
    """A clip of the dataset by its number, and how alike it is: 1 for the same, -1 at most."""

    number: int
    likeness: float


def embeddings_file(index: DatasetIndex, saved: SavedModel) -> Path:
    """Where a model's embeddings of a dataset are kept: beside its features."""
    folder = feature_files(index, saved.card.spec.features)[0].parent
    return folder / f"{_PREFIX}{saved.card.sha256[:16]}.bin"


def work_to_do(index: DatasetIndex, saved: SavedModel) -> Work:
    """What `load_embeddings` would have to do; it looks at every file and opens no sound."""
    sidecar = _read_sidecar(index, saved.card.spec.features)
    n_stale = sum(not _is_measured(index, sidecar, n) for n in range(len(index.clips)))
    if sidecar is not None and not n_stale:
        key = _key(sidecar.data_digest, saved)
        if _read(embeddings_file(index, saved), key) is not None:
            return Work(0, 0)
    return Work(n_stale, len(index.clips))


def load_embeddings(
    index: DatasetIndex, saved: SavedModel, *, on_progress: Progress | None = None
) -> ClipEmbeddings:
    """The embeddings of all clips that can be read: kept ones, else made and kept.

    `on_progress` gets (done, total): first the clips that have to be measured, then those
    that are listened to. They are made again where clips or weights are others, or where the
    file is damaged. BadDataset where no clip can be read, BadConfig for a dataset without
    sound whose numbers the model does not take, BadWeights where the model is damaged.
    """
    on_progress = on_progress or _ignore
    n_clips, n_measured = len(index.clips), 0

    def measuring(done: int, total: int) -> None:
        nonlocal n_measured
        n_measured = total
        on_progress(done, total + n_clips)

    table = load_features(index, saved.card.spec.features, on_progress=measuring)
    path, key = embeddings_file(index, saved), _key(table.data_digest, saved)
    known = _read(path, key)
    if known is None:
        rows = _embed(
            open_classifier(saved),
            table,
            lambda done: on_progress(n_measured + done, n_measured + len(table.labels)),
        )
        known = ClipEmbeddings(rows, table.clip_numbers)
        keep_arrays(path, key, vars(known))
        let_go_of_older(path.parent, f"{_PREFIX}*.bin", _KEPT)
    return known


def find_similar(
    known: ClipEmbeddings,
    wanted: NDArray[np.float32],
    index: DatasetIndex,
    *,
    n: int = 5,
    without: frozenset[int] = frozenset(),
) -> list[Neighbour]:
    """The n clips most like an embedding [d], best first, no two of one recording.

    `without` are numbers of clips whose recordings are left out. Alike is the cosine of
    standardised embeddings: see evaluation.nearest.
    """
    all_groups = recording_groups(index)
    groups = all_groups[known.clip_numbers]
    rows = np.flatnonzero(~np.isin(groups, all_groups[sorted(without)]))
    if not len(rows):
        return []
    found, alike = most_similar(known.embeddings[rows], wanted, groups[rows], n)
    numbers = known.clip_numbers[rows[found]].tolist()
    return [Neighbour(*pair) for pair in zip(numbers, alike.tolist(), strict=True)]


def recording_groups(index: DatasetIndex) -> NDArray[np.int64]:
    """A number for each clip [n] that clips of one recording share; its own where unknown."""
    return np.array(
        [
            -1 - number if clip.recording_id is None else clip.recording_id
            for number, clip in enumerate(index.clips)
        ],
        np.int64,
    )


def _ignore(done: int, total: int) -> None:
    pass


def _read_sidecar(index: DatasetIndex, spec: FeatureSpec) -> Sidecar | None:
    if not index.has_audio:
        return None
    sidecar = read_sidecar(feature_files(index, spec)[-1])
    return sidecar if sidecar is not None and sidecar.spec == spec else None


def _is_measured(index: DatasetIndex, sidecar: Sidecar | None, number: int) -> bool:
    clip = index.clips[number]
    state = None if sidecar is None else sidecar.files.get(clip.path)
    return state is not None and state.is_like(state_of(index.audio_path(clip)))


def _embed(
    classifier: Classifier, table: FeatureTable, on_progress: Callable[[int], None]
) -> NDArray[np.float32]:
    parts = []
    for start in range(0, len(table.labels), _ROWS_AT_ONCE):
        rows = np.ascontiguousarray(table.features[start : start + _ROWS_AT_ONCE], np.float32)
        parts.append(classifier.embed(rows))
        on_progress(start + len(rows))
    return np.concatenate(parts)


def _key(data_digest: str, saved: SavedModel) -> str:
    return f"{data_digest} {saved.card.sha256}"


def _read(path: Path, key: str) -> ClipEmbeddings | None:
    arrays = read_arrays(path, key)
    return None if arrays is None else ClipEmbeddings(**arrays)
