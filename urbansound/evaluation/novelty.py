"""How far a sound is from everything that was learned.

Mahalanobis distance to the nearest class mean, with one covariance for all classes
(Lee et al., 2018). Clips are few beside dimensions, so the covariance is shrunk toward a
multiple of the identity by the amount of Ledoit and Wolf (2004).
"""

import numpy as np
from numpy.typing import NDArray

MAX_DISTANCE_QUANTILE = 0.95
# Directions this much narrower than the widest are rounding, not data.
_NARROWEST = 1e-10


def fit_novelty(
    embeddings: NDArray[np.floating], labels: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Class means float32 [classes, d] and whitening float32 [d, r] of training embeddings [n, d].

    A class without clips has no row, so means are in the order of the labels present. r is
    d, less the directions in which the embeddings of a class do not differ at all.
    """
    points = np.asarray(embeddings, dtype=np.float64)
    present, number = np.unique(labels, return_inverse=True)
    means = np.stack([points[number == k].mean(axis=0) for k in range(len(present))])
    variances, directions = np.linalg.eigh(_shrunk_covariance(points - means[number]))
    is_wide = variances > _NARROWEST * max(variances[-1], np.finfo(np.float64).tiny)
    whitening = directions[:, is_wide] / np.sqrt(variances[is_wide])
    return means.astype(np.float32), whitening.astype(np.float32)


def novelty_distance(
    embeddings: NDArray[np.floating],
    means: NDArray[np.floating],
    whitening: NDArray[np.floating],
) -> NDArray[np.float64]:
    """Distance float64 [n] of embeddings [n, d] to the nearest class mean.

    In standard deviations within a class, over all directions together: about sqrt(r) for a
    clip like those learned from.
    """
    points = np.asarray(embeddings, dtype=np.float64)
    to_class = [np.linalg.norm((points - mean) @ whitening, axis=1) for mean in means]
    distances: NDArray[np.float64] = np.min(to_class, axis=0)
    return distances


def fit_max_distance(distances: NDArray[np.floating]) -> float:
    """The distance that 95 % of validation clips' distances [n] do not exceed; n at least 1."""
    return float(np.quantile(distances, MAX_DISTANCE_QUANTILE))


def _shrunk_covariance(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Covariance [d, d] of centred points [n, d], shrunk as in Ledoit and Wolf (2004)."""
    n, d = centred.shape
    covariance: NDArray[np.float64] = centred.T @ centred / n
    scale = np.trace(covariance) / d
    target = scale * np.eye(d)
    distance = ((covariance - target) ** 2).sum()
    squares = centred**2
    noise = ((squares.sum(axis=1) ** 2).mean() - (covariance**2).sum()) / n
    shrinkage = min(noise / distance, 1.0) if distance > 0 else 0.0
    shrunk: NDArray[np.float64] = (1 - shrinkage) * covariance + shrinkage * target
    return shrunk
