"""Which classes models take for one another, from the scores on their cards."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.records import Scores


@dataclass(frozen=True)
class Mixup:
    """What one model's scores say of two classes, by counts of clips.

    Of `n_one` clips of the one class `as_other` were heard as the other, and the other way.
    """

    n_one: int
    as_other: int
    n_other: int
    as_one: int

    @property
    def share(self) -> float:
        """How often either is taken for the other, 0 to 1: the mean of both ways."""
        ways = [(self.as_other, self.n_one), (self.as_one, self.n_other)]
        shares = [count / n for count, n in ways if n]
        return sum(shares) / len(shares) if shares else 0.0


def mixup(scores: Scores, one: int, other: int) -> Mixup:
    """What the scores say of two classes by their numbers."""
    confusion = scores.confusion
    return Mixup(
        sum(confusion[one]), confusion[one][other], sum(confusion[other]), confusion[other][one]
    )


def mixup_shares(several: Sequence[Scores]) -> NDArray[np.float64]:
    """How often each two classes are taken for one another: [classes, classes], symmetric.

    The mean of `Mixup.share` over several models' scores on the same classes, at least one;
    the diagonal is 0. A class without clips counts as never mistaken.
    """
    shares: NDArray[np.float64] = np.mean([_shares(scores) for scores in several], axis=0)
    return shares


def _shares(scores: Scores) -> NDArray[np.float64]:
    confusion = np.array(scores.confusion, np.float64)
    totals = confusion.sum(axis=1, keepdims=True)
    shares = np.divide(confusion, totals, out=np.zeros_like(confusion), where=totals > 0)
    n_known = (totals > 0).astype(np.float64)
    ways = np.maximum(n_known + n_known.T, 1)
    both: NDArray[np.float64] = (shares + shares.T) / ways
    np.fill_diagonal(both, 0.0)
    return both


def most_confused_pair(shares: NDArray[np.float64]) -> tuple[int, int] | None:
    """The two classes that are mixed up most, the smaller number first; None where none are."""
    if shares.size == 0 or shares.max() <= 0:
        return None
    first, second = divmod(int(shares.argmax()), shares.shape[1])
    return min(first, second), max(first, second)


def confused_with(shares: NDArray[np.float64], class_id: int) -> list[tuple[int, float]]:
    """The classes mixed up with this one and how often, the most frequent first."""
    row = shares[class_id]
    order = np.argsort(-row, kind="stable")
    return [(int(other), float(row[other])) for other in order if row[other] > 0]
