"""How far apart two groups of clips lie in one number each, and how much they overlap."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Difference:
    """One number of a clip, by its place from 0, in which two groups differ.

    `effect` is Cohen's d, above 0 where the first group is higher; `area` is the share of
    pairs, one clip of each group, that this number alone puts in the right order, 0.5 to 1.
    """

    number: int
    effect: float
    area: float


def effect_sizes(one: Floats, other: Floats) -> Floats:
    """Cohen's d of each column of one [n, k] against other [m, k]: [k].

    The difference of the means in pooled standard deviations (J. Cohen, "Statistical Power
    Analysis for the Behavioral Sciences", 1988, section 2.5.1); 0 where nothing varies. A
    group of a single clip adds nothing to the pooled deviation.
    """
    n, m = len(one), len(other)
    scatter = _scatter(one) + _scatter(other)
    spread = np.sqrt(scatter / max(n + m - 2, 1))
    step = one.mean(axis=0, dtype=np.float64) - other.mean(axis=0, dtype=np.float64)
    effects: Floats = np.divide(step, spread, out=np.zeros_like(step), where=spread > 1e-9)
    return effects


def _scatter(values: Floats) -> Floats:
    """Sum of squared deviations from the mean, column by column."""
    scatter: Floats = len(values) * values.var(axis=0, dtype=np.float64)
    return scatter


def roc_area(one: Floats, other: Floats) -> float:
    """How often a number [n] of one group exceeds one [m] of the other: 0 to 1, 0.5 for chance.

    The area under the ROC curve, which is the statistic of Mann and Whitney; ties count half.
    """
    ordered = np.sort(other)
    n_lower, n_not_higher = (np.searchsorted(ordered, one, side) for side in ("left", "right"))
    return float((n_lower + n_not_higher).mean() / (2 * len(other)))


def strongest_differences(one: Floats, other: Floats, n: int) -> list[Difference]:
    """The n numbers of one [., k] and other [., k] that differ most, the strongest first.

    Each group needs at least one clip.
    """
    effects = effect_sizes(one, other)
    order = np.argsort(-np.abs(effects), kind="stable")[:n]
    return [
        Difference(number, float(effects[number]), _area(one[:, number], other[:, number]))
        for number in order.tolist()
    ]


def _area(one: Floats, other: Floats) -> float:
    area = roc_area(one, other)
    return max(area, 1 - area)


def nearest_pair(features: Floats, labels: NDArray[np.int64]) -> tuple[int, int] | None:
    """The two classes whose averages lie nearest, in deviations; None for fewer than two.

    features is [n, k], labels int64 [n]; the smaller class number stands first.
    """
    present = np.unique(labels)
    if len(present) < 2:
        return None
    spread = np.maximum(features.std(axis=0), 1e-9)
    centres = np.stack([features[labels == label].mean(axis=0) for label in present]) / spread
    distances = np.linalg.norm(centres[:, np.newaxis] - centres, axis=-1)
    distances[np.tril_indices(len(present))] = np.inf
    first, second = np.unravel_index(int(distances.argmin()), distances.shape)
    return int(present[first]), int(present[second])
