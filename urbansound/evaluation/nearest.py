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


def most_similar(
    features: NDArray[np.floating], wanted: NDArray[np.floating], groups: NDArray[np.int64], n: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The n rows most like `wanted` [d], best first, and how alike they are, -1 to 1.

    features are [rows, d]; no two of the rows found are of one group [rows]. Alike is the
    cosine after every number was brought to mean 0 and deviation 1 over all rows.
    """
    mean, spread = features.mean(axis=0), np.maximum(features.std(axis=0), _LEAST_SPREAD)
    rows, own = (features - mean) / spread, (wanted - mean) / spread
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(own)
    alike = (rows @ own) / np.maximum(lengths, _LEAST_SPREAD)
    order = np.argsort(-alike, kind="stable")
    _, first = np.unique(groups[order], return_index=True)
    best = order[np.sort(first)[:n]]
    return best.astype(np.int64), alike[best].astype(np.float64)
