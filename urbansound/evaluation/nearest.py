"""Which of the clips that a model learned from resembles another clip most."""

import numpy as np
from numpy.typing import NDArray

_LEAST_SPREAD = 1e-6


def nearest_row(
    features: NDArray[np.floating], row: int, candidates: NDArray[np.int64]
) -> int | None:
    """The candidate row closest to `row`, None without candidates.

    features are [n, n_features]; each is brought to deviation 1 over all n rows, so that
    none counts for more because of its unit, and distances are Euclidean.
    """
    if not len(candidates):
        return None
    spread = np.maximum(features.std(axis=0), _LEAST_SPREAD)
    steps = (features[candidates] - features[row]) / spread
    return int(candidates[np.square(steps).sum(axis=1).argmin()])
