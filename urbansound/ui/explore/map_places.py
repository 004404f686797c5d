"""Layouts of the dataset as the map shows them: which are at hand, and what the rest takes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.features.cache import feature_files
from urbansound.files import modified_at
from urbansound.records import DatasetIndex
from urbansound.runs.weights import SavedModel
from urbansound.ui import background, data
from urbansound.ui.explore.map_canvas import Places, to_places
from urbansound.ui.sharing import may_change

if TYPE_CHECKING:
    from urbansound.experiment.layout import Layout

# More clips are laid out by a job even where it is quick: their features take seconds to read.
_MOST_AT_ONCE = 20_000
_EACH_MEASURED_S = 0.006
_EACH_HEARD_S = 0.006
_EACH_PLACED_S = 0.004


@dataclass(frozen=True, eq=False)
class Shown:
    """A layout, its clips with what is known of them, and these as the browser fetches them."""

    layout: "Layout"
    places: Places
    packed: bytes


class _WouldTakeLongError(Exception):
    """There are clips to measure or to listen to."""


def kind_of(method: str, saved: SavedModel | None) -> str:
    """The layout's name: see experiment.layout."""
    return f"{method}:{'statistics' if saved is None else saved.key}"


def job_name(index: DatasetIndex, kind: str) -> str:
    """The job that makes a layout."""
    return background.job_on("layout", index, *kind.split(":"))


def layout_at_hand(index: DatasetIndex, method: str, saved: SavedModel | None) -> Shown | None:
    """A layout that is kept, or can be made within a moment by who may; else None."""
    kind = kind_of(method, saved)
    stamp = _stamp(index, kind, saved)
    found = _find(stamp, kind, index)
    is_quick = method == "pca" and len(index.clips) <= _MOST_AT_ONCE
    if found is None and is_quick and may_change() and is_prepared(index, saved):
        return _make(stamp, kind, index)
    return found


def is_prepared(index: DatasetIndex, saved: SavedModel | None) -> bool:
    """Whether the clips have been measured, and listened to where a model lays them out."""
    from urbansound.experiment.layout import statistics_spec

    spec = statistics_spec(index) if saved is None else saved.card.spec.features
    files = list(feature_files(index, spec))
    if saved is not None:
        from urbansound.experiment.neighbours import embeddings_file

        files.append(embeddings_file(index, saved))
    return all(path.exists() for path in files)


def seconds_needed(index: DatasetIndex, method: str, saved: SavedModel | None) -> float:
    """How long a layout that is not at hand will take, in seconds, about."""
    from urbansound.experiment.layout import MOST_PLACED

    n = len(index.clips)
    preparing = 0.0 if is_prepared(index, saved) else _EACH_MEASURED_S * n
    if saved is not None and preparing:
        preparing += _EACH_HEARD_S * n
    return 3 + preparing + (_EACH_PLACED_S * min(n, MOST_PLACED) if method == "tsne" else 0)


def _stamp(index: DatasetIndex, kind: str, saved: SavedModel | None) -> str:
    """What changes whenever the layout may, as far as files' times tell."""
    from urbansound.experiment.layout import layout_file, statistics_spec

    spec = statistics_spec(index) if saved is None else saved.card.spec.features
    files = [*feature_files(index, spec), layout_file(index, kind)]
    if saved is not None:
        from urbansound.experiment.neighbours import embeddings_file

        files.append(embeddings_file(index, saved))
    model = "" if saved is None else saved.card.sha256
    return f"{data.dataset_version(index)} {model} {list(map(modified_at, files))}"


@st.cache_resource(show_spinner=False, max_entries=12)
def _find(stamp: str, kind: str, _index: DatasetIndex) -> Shown | None:
    from urbansound.experiment.layout import find_layout

    del stamp
    return _shown(_index, find_layout(_index, kind))


@st.cache_resource(show_spinner="Laying out the clips …", max_entries=4)
def _make(stamp: str, kind: str, _index: DatasetIndex) -> Shown | None:
    from urbansound.experiment.layout import load_layout

    def give_up(done: int, total: int) -> None:
        if 2 * done < total:
            raise _WouldTakeLongError

    del stamp
    try:
        return _shown(_index, load_layout(_index, kind, on_progress=give_up))
    except _WouldTakeLongError:
        return None


def _shown(index: DatasetIndex, layout: "Layout | None") -> Shown | None:
    if layout is None:
        return None
    numbers, columns = layout.clip_numbers, columns_of(index)
    places = Places(
        numbers=numbers,
        xy=to_places(layout.positions),
        class_ids=columns.class_ids[numbers].astype(np.int64),
        folds=columns.folds[numbers].astype(np.int64),
        recordings=columns.recordings[numbers],
        is_loud=columns.is_loud[numbers],
    )
    return Shown(layout, places, places.packed())
