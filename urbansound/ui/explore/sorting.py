"""In which order the clips are listed: always the whole list, not only what is seen of it."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.columns import UNKNOWN, Columns
from urbansound.dataset.survey import Survey

Numbers = NDArray[np.int64]

AS_GIVEN = "dataset order"
FAINTEST, LOUDEST = "faintest first", "loudest first"
SHORTEST, LONGEST = "shortest first", "longest first"
RECORDING, MOST = "recording", "most clips of its recording"
SOUND, FOLD, FILE = "sound", "fold", "file name"
OF_SOUND = (
    *(AS_GIVEN, FAINTEST, LOUDEST, SHORTEST, LONGEST),
    *(RECORDING, MOST, SOUND, FOLD, FILE),
)
OF_NUMBERS = (AS_GIVEN, SOUND, FOLD)
BY_LEVEL = (FAINTEST, LOUDEST)
# A second click on the same heading turns its order round, where there is one.
BY_HEADING = {
    "sound": (SOUND, AS_GIVEN),
    "fold": (FOLD, AS_GIVEN),
    "recording": (RECORDING, AS_GIVEN),
    "siblings": (MOST, AS_GIVEN),
    "seconds": (SHORTEST, LONGEST),
    "level": (FAINTEST, LOUDEST),
    "file": (FILE, AS_GIVEN),
}

_Key = Callable[[Columns], NDArray[Any]]
_KEYS: dict[str, _Key] = {
    SHORTEST: lambda columns: columns.durations_s,
    LONGEST: lambda columns: -columns.durations_s,
    SOUND: lambda columns: columns.class_ids,
    FOLD: lambda columns: columns.folds,
    FILE: lambda columns: np.array([path.rpartition("/")[2] for path in columns.paths]),
}


def sorted_numbers(
    columns: Columns, mask: NDArray[np.bool_], order: str, survey: Survey | None
) -> Numbers:
    """The numbers of the clips in the mask, int64 [k], in this order."""
    if order == AS_GIVEN or (order in BY_LEVEL and survey is None):
        return np.flatnonzero(mask)
    ranked = _ranked(columns, order, survey if order in BY_LEVEL else None)
    return ranked[mask[ranked]]


def next_order(heading: str, order: str) -> str:
    """The order that a click on this heading asks for."""
    first, second = BY_HEADING.get(heading, (AS_GIVEN, AS_GIVEN))
    return second if order == first else first


@lru_cache(maxsize=16)
def _ranked(columns: Columns, order: str, survey: Survey | None) -> Numbers:
    """All clips in this order; equal ones stay as the dataset has them."""
    if survey is not None:
        return _by_level(survey, order)
    if order in (RECORDING, MOST):
        return _by_recording(columns, is_most_first=order == MOST)
    return np.argsort(_KEYS[order](columns), kind="stable")


def _by_level(survey: Survey, order: str) -> Numbers:
    """What could not be read has no loudness: it comes last."""
    levels = survey.levels_db if order == FAINTEST else -survey.levels_db
    is_unread = survey.sample_rates == 0
    return np.lexsort((levels, is_unread))


def _by_recording(columns: Columns, *, is_most_first: bool) -> Numbers:
    keys = (columns.starts_s, columns.recordings, columns.recordings == UNKNOWN)
    if is_most_first:
        return np.lexsort((*keys, -columns.n_siblings))
    return np.lexsort(keys)


def position_of(numbers: Numbers, number: int) -> int | None:
    """Where in the list a clip stands; None where it is not in it."""
    found = np.flatnonzero(numbers == number)
    return int(found[0]) if len(found) else None
