"""What there is how often in a dataset, by class: clips, recordings, lengths, rates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.columns import UNKNOWN, columns_of
from urbansound.dataset.survey import Survey
from urbansound.labels import class_style
from urbansound.records import DatasetIndex
from urbansound.ui.explore.filters import LENGTHS, length_bands, native_rates

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Balance:
    """Counts int64 by class, for the classes that have clips, in their own order.

    clips and recordings are [classes], by_fold [classes, folds], loud [classes],
    by_length [classes, bands of LENGTHS]. `names` are the classes as the table calls them.
    """

    names: tuple[str, ...]
    titles: tuple[str, ...]
    colors: tuple[str, ...]
    folds: tuple[int, ...]
    clips: Counts
    recordings: Counts
    by_fold: Counts
    loud: Counts
    by_length: Counts

    @property
    def faint(self) -> Counts:
        """Clips in which the sound stands behind others, by class."""
        return self.clips - self.loud

    @property
    def knows_recordings(self) -> bool:
        """Whether any clip says which recording it is of."""
        return bool(self.recordings.any())


def balance_of(index: DatasetIndex) -> Balance:
    """The counts of all clips, a few milliseconds for 100,000."""
    columns, n = columns_of(index), len(index.class_names)
    classes = columns.class_ids.astype(np.int64)
    folds = np.array(columns.fold_numbers)
    by_fold = _cross(classes, n, np.searchsorted(folds, columns.folds), len(folds))
    kept = np.flatnonzero(by_fold.sum(axis=1))
    styles = [class_style(index.class_names[at], int(at)) for at in kept]
    return Balance(
        names=tuple(index.class_names[at] for at in kept),
        titles=tuple(style.title for style in styles),
        colors=tuple(style.color for style in styles),
        folds=columns.fold_numbers,
        clips=by_fold.sum(axis=1)[kept],
        recordings=_recordings(classes, n, columns.recordings)[kept],
        by_fold=by_fold[kept],
        loud=_cross(classes, n, columns.is_loud.astype(np.int64), 2)[kept, 1],
        by_length=_cross(classes, n, length_bands(columns), len(LENGTHS))[kept],
    )


def rates_of(survey: Survey) -> dict[int, int]:
    """How many files there are of each sample rate in Hz, the lowest first."""
    rates = survey.sample_rates
    return {rate: int((rates == rate).sum()) for rate in native_rates(survey)}


def _cross(rows: Counts, n_rows: int, columns: NDArray[np.int64], n_columns: int) -> Counts:
    """How often each row number meets each column number, [n_rows, n_columns]."""
    cells = np.bincount(rows * n_columns + columns, minlength=n_rows * n_columns)
    return cells.reshape(n_rows, n_columns)


def _recordings(classes: Counts, n: int, recordings: NDArray[np.int64]) -> Counts:
    """How many recordings the clips of each class were cut from."""
    known = recordings != UNKNOWN
    pairs = np.unique(np.stack([classes[known], recordings[known]]), axis=1)
    return np.bincount(pairs[0], minlength=n)
