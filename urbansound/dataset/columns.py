"""What is known of all clips as arrays, so that 100,000 are asked at once and not one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from urbansound.records import Clip, DatasetIndex

UNKNOWN = -1
_LARGEST = 2**62


@dataclass(frozen=True, eq=False)
class Columns:
    """One row [n] a clip, in the index's order.

    `recordings` is UNKNOWN where a clip names none; `n_siblings` counts the clips of the same
    recording, the clip itself too, and is 0 where the recording is not known. `starts_s` is
    where in its recording a clip begins.
    """

    class_ids: NDArray[np.int16]
    folds: NDArray[np.int32]
    recordings: NDArray[np.int64]
    is_loud: NDArray[np.bool_]
    durations_s: NDArray[np.float32]
    starts_s: NDArray[np.float32]
    n_siblings: NDArray[np.int32]
    paths: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.class_ids)

    @cached_property
    def fold_numbers(self) -> tuple[int, ...]:
        """The folds that have clips, in rising order."""
        return tuple(np.unique(self.folds).tolist())

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """Each clip's path as a search reads it."""
        return tuple(path.casefold() for path in self.paths)

    @cached_property
    def by_path(self) -> dict[str, int]:
        """Which clip lies at a path."""
        return {path: number for number, path in enumerate(self.paths)}

    @cached_property
    def by_name(self) -> dict[str, int]:
        """The first clip of each file name; files of two folders may share one."""
        names = (path.rpartition("/")[2] for path in reversed(self.paths))
        last = len(self.paths) - 1
        return {name: last - at for at, name in enumerate(names)}


class _Same:
    """A dataset as itself: to compare 100,000 clips with each other takes longer than to read."""

    def __init__(self, index: DatasetIndex) -> None:
        self.clips = index.clips

    def __hash__(self) -> int:
        return id(self.clips)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.clips is self.clips


def columns_of(index: DatasetIndex) -> Columns:
    """The dataset's clips as columns, made once for each index."""
    return _columns(_Same(index))


@lru_cache(maxsize=4)
def _columns(same: _Same) -> Columns:
    clips = same.clips
    recordings = _recordings(clips)
    return Columns(
        class_ids=np.array([clip.class_id for clip in clips], np.int16),
        folds=np.array([clip.fold for clip in clips], np.int32),
        recordings=recordings,
        is_loud=np.array([clip.foreground for clip in clips], np.bool_),
        durations_s=np.array([clip.duration_s for clip in clips], np.float32),
        starts_s=np.array([clip.start_s for clip in clips], np.float32),
        n_siblings=_siblings(recordings),
        paths=tuple(clip.path for clip in clips),
    )


def _recordings(clips: Sequence[Clip]) -> NDArray[np.int64]:
    ids = [UNKNOWN if clip.recording_id is None else clip.recording_id for clip in clips]
    if max(map(abs, ids), default=0) >= _LARGEST:
        ids = _numbered(ids)
    return np.array(ids, np.int64)


def _numbered(ids: list[int]) -> list[int]:
    """A table may give any number; those that no column holds are told apart all the same."""
    places: dict[int, int] = {}
    return [
        number if abs(number) < _LARGEST else _LARGEST + places.setdefault(number, len(places))
        for number in ids
    ]


def _siblings(recordings: NDArray[np.int64]) -> NDArray[np.int32]:
    _, which, counts = np.unique(recordings, return_inverse=True, return_counts=True)
    return np.where(recordings == UNKNOWN, 0, counts[which]).astype(np.int32)
