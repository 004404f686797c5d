"""Clips whose label may be wrong: those that a model which never heard them doubts most."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.evaluation.metrics import clip_losses
from urbansound.records import ClipResults


@dataclass(frozen=True, eq=False)
class Suspects:
    """Doubtful clips, the worst first.

    `rows` int64 [n] of the results that were ranked; `losses` float64 [n] in nats; `labels`
    int64 [n] as given; `proposed` int64 [n] is what the model says, with `chances` float64 [n].
    """

    rows: NDArray[np.int64]
    losses: NDArray[np.float64]
    labels: NDArray[np.int64]
    proposed: NDArray[np.int64]
    chances: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rows)


def rank_suspects(results: ClipResults) -> Suspects:
    """The test clips for which another label is more probable, by loss on the given one.

    In a cross-validation every clip is tested by the one model that never heard it, nor
    another clip of its recording. Validation clips chose an epoch, so they are left out.
    """
    said = results.probabilities.argmax(axis=1)
    losses = clip_losses(results.probabilities, results.labels)
    doubted = np.flatnonzero(results.is_test & (said != results.labels))
    rows = doubted[np.argsort(-losses[doubted], kind="stable")].astype(np.int64)
    chances = results.probabilities[rows, said[rows]].astype(np.float64)
    return Suspects(rows, losses[rows], results.labels[rows], said[rows], chances)
