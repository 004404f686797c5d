"""Where a model is good and where it is not: accuracy by kind of clip.

Every function takes the clips as they are: `results.take(results.is_test)` slices test
clips only. Kinds without clips are left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.evaluation.metrics import count_recordings
from urbansound.records import ClipResults

# The CSV's times are rounded, so that a clip of 4 s may last 3.9999 s.
_FULL_S = 3.99
_DURATIONS = (
    ("under 1 s", 0.0, 1.0),
    ("1 to 2 s", 1.0, 2.0),
    ("2 to 4 s", 2.0, _FULL_S),
    ("4 s", _FULL_S, np.inf),
)


@dataclass(frozen=True)
class Slice:
    """Accuracy of n clips of one kind; `n_recordings` is None where unknown."""

    name: str
    accuracy: float
    n: int
    n_recordings: int | None


@dataclass(frozen=True)
class RecordingSlice:
    """Accuracy of n clips of one class that were cut from one recording."""

    recording: int
    class_id: int
    accuracy: float
    n: int


def right_clips(results: ClipResults) -> NDArray[np.bool_]:
    """Whether each clip's most probable class is its own, bool [n]."""
    is_right: NDArray[np.bool_] = results.probabilities.argmax(axis=1) == results.labels
    return is_right


def slice_by_loudness(results: ClipResults) -> tuple[Slice, ...]:
    """Loud clips, then faint ones."""
    return _slices(results, {"loud": results.is_loud, "faint": ~results.is_loud})


def slice_by_duration(results: ClipResults) -> tuple[Slice, ...]:
    """Shortest clips first; a bound belongs to the longer kind."""
    lasts = results.durations_s
    return _slices(
        results, {name: (lasts >= low) & (lasts < high) for name, low, high in _DURATIONS}
    )


def slice_by_recording(results: ClipResults) -> tuple[RecordingSlice, ...]:
    """Recordings, the worst first and of equals the one with most clips.

    A recording with clips of two classes counts once for each. Clips of unknown recordings
    (-1) are left out.
    """
    known = results.take(results.recordings >= 0)
    pairs = np.stack([known.recordings, known.labels], axis=1)
    unique, number, sizes = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    hits = np.bincount(number.ravel(), weights=right_clips(known), minlength=len(unique))
    found = [
        RecordingSlice(recording, class_id, hit / n, n)
        for (recording, class_id), hit, n in zip(
            unique.tolist(), hits.tolist(), sizes.tolist(), strict=True
        )
    ]
    return tuple(sorted(found, key=lambda one: (one.accuracy, -one.n, one.recording)))


def _slices(results: ClipResults, masks: dict[str, NDArray[np.bool_]]) -> tuple[Slice, ...]:
    is_right = right_clips(results)
    return tuple(
        Slice(
            name,
            float(is_right[mask].mean()),
            int(mask.sum()),
            count_recordings(results.recordings[mask]),
        )
        for name, mask in masks.items()
        if mask.any()
    )
