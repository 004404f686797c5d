"""Probabilities that mean something: temperature scaling (Guo et al., 2017).

The temperature divides the last linear layer, before the bounded activation, so every
winner stays and 100 % can be reached. It is fitted on validation clips only.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from urbansound.evaluation.metrics import cross_entropy
from urbansound.records import Calibration

# Below this calibrated confidence an answer is more often wrong than right.
NOT_SURE_BELOW = 0.5
_LOG_BOUNDS = (np.log(0.05), np.log(100.0))


def fit_calibration(logits: NDArray[np.floating], labels: NDArray[np.int64]) -> Calibration:
    """The temperature that minimises cross-entropy on validation logits [n, classes]."""

    def loss_at(log_temperature: float) -> float:
        return cross_entropy(logits / np.exp(log_temperature), labels)

    best = minimize_scalar(loss_at, bounds=_LOG_BOUNDS, method="bounded")
    return Calibration(float(np.exp(best.x)), NOT_SURE_BELOW)
