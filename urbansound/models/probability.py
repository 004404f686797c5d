"""From logits to probabilities, in numpy."""

import numpy as np
from numpy.typing import NDArray


def log_softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Logarithms of the probabilities [n, classes]; rows never overflow."""
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = shifted - shifted.max(axis=1, keepdims=True)
    normalised: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return normalised


def tempered_probabilities(logits: NDArray[np.floating], temperature: float) -> NDArray[np.float32]:
    """Softmax [n, classes] of logits divided by the temperature (Guo et al., 2017)."""
    return np.exp(log_softmax(logits / temperature)).astype(np.float32)
