"""A dataset's clips on a plane, kept on disk: what a map of them shows.

A kind of layout names how and of what: "pca:statistics", "tsne:cnn", "tsne:shipped:cnn".
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from urbansound import paths
from urbansound.errors import BadConfig
from urbansound.experiment.placing import (
    fitted,
    nearest,
    principal,
    sample,
    some_asked,
    standardised,
)
from urbansound.features.cache import feature_files, load_features
from urbansound.features.sidecar import read_sidecar
from urbansound.features.spec import MFCC40, MFCC_STATISTICS
from urbansound.files import digest_of
from urbansound.kept_arrays import keep_arrays, let_go_of_older, read_arrays
from urbansound.records import DatasetIndex, FeatureSpec

_PREFIX = "layout_"
# A file is 0.2 MB for all of UrbanSound8K; older ones are let go.
_KEPT = 24
# Raised when a method or a standard changes: what was kept before is then made again.
_VERSION = 1

STATISTICS = "statistics"
MOST_PLACED = 20_000
"""Of more clips a sample is placed where neighbours are kept, which takes a while."""

Method = Literal["pca", "tsne"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Layout:
    """Clips placed on a plane.

    positions float32 [n, 2] lie in the square from -1 to 1, y upwards; `clip_numbers` int64
    [n], rising, says which clip of the index each is. `asked` int64 [m] are rows whose
    nearest other row was looked for, in all numbers of what was laid out and not on the
    plane; `nearest` int64 [m] are those rows. Both are empty for a single clip.
    """

    positions: NDArray[np.float32]
    clip_numbers: NDArray[np.int64]
    asked: NDArray[np.int64]
    nearest: NDArray[np.int64]


def load_layout(index: DatasetIndex, kind: str, *, on_progress: Progress | None = None) -> Layout:
    """The dataset's clips laid out: a layout kept on disk, else made and kept.

    `on_progress` gets (done, total) in thousandths: where clips have to be measured or
    listened to that is the first half. It is made again where clips or weights are others,
    or where the file is damaged. Clips that cannot be read are left out, and so are those
    beyond a sample of MOST_PLACED where neighbours are kept. The same clips always give the
    same picture. BadConfig for an unknown kind; else raises what load_features and
    load_embeddings raise.
    """
    on_progress = on_progress or _ignore
    method, what = parse_kind(kind)

    def preparing(done: int, total: int) -> None:
        on_progress(500 * done // max(total, 1), 1000)

    rows, numbers, key = _rows(index, what, preparing)
    path, key = layout_file(index, kind), f"{_VERSION} {kind} {key}"
    known = _read(path, key)
    if known is None:
        on_progress(500, 1000)
        known = lay_out(rows, numbers, method)
        keep_arrays(path, key, vars(known))
        let_go_of_older(path.parent, f"{_PREFIX}*.bin", _KEPT)
    on_progress(1000, 1000)
    return known


def find_layout(index: DatasetIndex, kind: str) -> Layout | None:
    """What is kept of this kind; None where that is nothing, damaged or of other things.

    It goes by what was last measured and does not look at the sound files: `load_layout`
    notices those that changed. BadConfig for an unknown kind or model, BadWeights where the
    model is damaged.
    """
    _, what = parse_kind(kind)
    key = _kept_key(index, what)
    return None if key is None else _read(layout_file(index, kind), f"{_VERSION} {kind} {key}")


def parse_kind(kind: str) -> tuple[Method, str]:
    """How, and of what: "statistics" or a model's key. BadConfig says what is expected."""
    method, _, what = kind.partition(":")
    if method not in ("pca", "tsne") or not what:
        raise BadConfig(
            f"There is no layout '{kind}'. Name one as 'pca:{STATISTICS}' or 'tsne:cnn': "
            f"how, and {STATISTICS} or a model."
        )
    return cast(Method, method), what


def layout_file(index: DatasetIndex, kind: str) -> Path:
    """Where a layout is kept: beside the dataset's features."""
    _, what = parse_kind(kind)
    spec = statistics_spec(index) if what == STATISTICS else MFCC40
    folder = feature_files(index, spec)[0].parent
    return folder / f"{_PREFIX}{digest_of([str(index.root.absolute().name), kind])[:16]}.bin"


def statistics_spec(index: DatasetIndex) -> FeatureSpec:
    """What "statistics" are of this dataset: 160 numbers, or the 40 means where it has no sound."""
    return MFCC_STATISTICS if index.has_audio else MFCC40


def lay_out(rows: NDArray[np.floating], clip_numbers: NDArray[np.int64], method: Method) -> Layout:
    """Rows [n, d] on a plane; row k is the clip of number clip_numbers[k]."""
    shown = sample(len(rows), len(rows) if method == "pca" else MOST_PLACED)
    even = standardised(rows[shown])
    positions = principal(even) if method == "pca" else _neighbours_kept(even)
    asked = some_asked(len(shown))
    return Layout(fitted(positions), clip_numbers[shown], asked, nearest(even, asked))


def _neighbours_kept(even: NDArray[np.float32]) -> NDArray[np.float32]:
    # scikit-learn is a second to import.
    from urbansound.experiment.neighbour_map import keep_neighbours

    return keep_neighbours(even)


def _rows(
    index: DatasetIndex, what: str, on_progress: Progress
) -> tuple[NDArray[np.floating], NDArray[np.int64], str]:
    """The rows to lay out, their clip numbers, and what they depend on."""
    if what == STATISTICS:
        table = load_features(index, statistics_spec(index), on_progress=on_progress)
        return np.asarray(table.features, np.float32), table.clip_numbers, table.data_digest
    from urbansound.experiment.neighbours import load_embeddings
    from urbansound.runs.saved import find_model

    saved = find_model(paths.outputs_dir(), what)
    digest = load_features(index, saved.card.spec.features, on_progress=on_progress).data_digest
    known = load_embeddings(index, saved, on_progress=on_progress)
    return known.embeddings, known.clip_numbers, f"{digest} {saved.card.sha256}"


def _kept_key(index: DatasetIndex, what: str) -> str | None:
    """What a layout would depend on, by what was last measured; None before that."""
    if what == STATISTICS:
        return _kept_digest(index, statistics_spec(index))
    from urbansound.runs.saved import find_model

    saved = find_model(paths.outputs_dir(), what)
    digest = _kept_digest(index, saved.card.spec.features)
    return None if digest is None else f"{digest} {saved.card.sha256}"


def _kept_digest(index: DatasetIndex, spec: FeatureSpec) -> str | None:
    if not index.has_audio:
        return load_features(index, spec).data_digest
    sidecar = read_sidecar(feature_files(index, spec)[-1])
    return sidecar.data_digest if sidecar is not None and sidecar.spec == spec else None


def _ignore(done: int, total: int) -> None:
    pass


def _read(path: Path, key: str) -> Layout | None:
    arrays = read_arrays(path, key)
    return None if arrays is None else Layout(**arrays)
