"""Rows of numbers placed on a plane, and the nearest of each: plain geometry, always the same."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]

_MOST_ASKED = 8_000
_FEWEST_ASKED = 1_000
_MOST_PAIRS = 100_000_000
_LEAST_SPREAD = 1e-6
_BLOCK = 512


def standardised(rows: NDArray[np.floating]) -> Floats:
    """Rows [n, d] with every number brought to mean 0 and deviation 1; constant ones to 0."""
    even = np.asarray(rows - rows.mean(axis=0, dtype=np.float64).astype(np.float32), np.float32)
    spread = np.sqrt(np.square(even).mean(axis=0, dtype=np.float64))
    scale = np.where(spread > _LEAST_SPREAD, 1 / np.maximum(spread, _LEAST_SPREAD), 0)
    even *= scale.astype(np.float32)
    return even


def principal(rows: Floats, n_axes: int = 2) -> Floats:
    """Rows [n, d] of mean 0 along the axes [n, n_axes] in which they differ most.

    By the covariance, so a hundred thousand rows take less than a second. Of the two ways
    that an axis can point, its largest part is positive. Missing axes are 0.
    """
    _, vectors = np.linalg.eigh(np.asarray(rows.T @ rows, np.float64))
    axes = vectors[:, ::-1][:, :n_axes]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
    turned = np.where(largest < 0, -axes, axes).astype(np.float32)
    found = rows @ turned
    return np.pad(found, ((0, 0), (0, n_axes - found.shape[1])))


def fitted(positions: NDArray[np.floating]) -> Floats:
    """Positions [n, 2] moved and scaled into the square from -1 to 1, alike in both directions."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    half = max(float((high - low).max()) / 2, 1e-12)
    return np.asarray((positions - (low + high) / 2) / half, np.float32)


def nearest(rows: Floats, asked: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of the rows asked [m] the other row of [n, d] that is closest; n is at least 2."""
    squares = np.square(rows).sum(axis=1)
    found = np.empty(len(asked), np.int64)
    for start in range(0, len(asked), _BLOCK):
        block = asked[start : start + _BLOCK]
        # |a - b|² without |a|², which is the same for all b.
        steps = squares - 2 * (rows[block] @ rows.T)
        steps[np.arange(len(block)), block] = np.inf
        found[start : start + len(block)] = steps.argmin(axis=1)
    return found


def some_asked(n: int) -> NDArray[np.int64]:
    """Rows whose nearest is looked for: all of some thousand, a thousand of very many.

    A share among a thousand is known to one or two percent, and is there within a second.
    """
    if n < 2:
        return np.empty(0, np.int64)
    return sample(n, min(_MOST_ASKED, max(_FEWEST_ASKED, _MOST_PAIRS // n)))


def sample(n: int, most: int) -> NDArray[np.int64]:
    """All of n row numbers, or `most` of them in rising order, always the same."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False))
