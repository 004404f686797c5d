"""Whether a model that says 80 % is right in 80 of 100 cases."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ReliabilityBin:
    """The clips whose confidence is above `low` and at most `high`.

    `confidence` is their mean confidence, `accuracy` the share that is right; both are None
    where no clip falls in.
    """

    low: float
    high: float
    n: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Reliability:
    """All bins by rising confidence, and the expected calibration error (a fraction)."""

    bins: tuple[ReliabilityBin, ...]
    ece: float


def measure_reliability(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64], n_bins: int = 10
) -> Reliability:
    """Reliability of probabilities [n, classes] in bins of equal width; n is at least 1.

    The expected calibration error is the mean distance of accuracy from confidence over the
    bins, weighted by their clips (Naeini et al., 2015; Guo et al., 2017).
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    is_right = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    # Rounding may carry a sum of probabilities just past 1.
    number = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, n_bins - 1)
    bins = tuple(
        _bin(edges[k : k + 2], confidence[number == k], is_right[number == k])
        for k in range(n_bins)
    )
    return Reliability(bins, sum(part.n * _gap(part) for part in bins) / len(labels))


def _bin(
    edges: NDArray[np.float64], confidence: NDArray[np.float64], is_right: NDArray[np.bool_]
) -> ReliabilityBin:
    low, high = edges.tolist()
    if not len(confidence):
        return ReliabilityBin(low, high, 0, None, None)
    mean, accuracy = float(confidence.mean()), float(is_right.mean())
    return ReliabilityBin(low, high, len(confidence), mean, accuracy)


def _gap(part: ReliabilityBin) -> float:
    if part.accuracy is None or part.confidence is None:
        return 0.0
    return abs(part.accuracy - part.confidence)
