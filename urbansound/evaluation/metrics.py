"""Scores from outputs or probabilities and labels, in numpy.

Precision, recall and F1 as in any textbook, 0 where their denominator is 0; macro F1 is
the mean over the classes that have clips.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from urbansound.models.probability import log_softmax
from urbansound.records import ClassScore, Scores

# A true class that got no probability at all costs 27.6 nats, not infinitely many.
_LEAST_PROBABILITY = 1e-12


def cross_entropy(logits: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """Mean negative log-probability (nats) of the true classes."""
    return float(-log_softmax(logits)[np.arange(len(labels)), labels].mean())


def clip_losses(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Negative log-probability (nats) of each clip's true class, float64 [n], at most 27.6."""
    true = np.asarray(probabilities, dtype=np.float64)[np.arange(len(labels)), labels]
    losses: NDArray[np.float64] = -np.log(np.maximum(true, _LEAST_PROBABILITY))
    return losses


def count_recordings(recordings: NDArray[np.int64]) -> int | None:
    """How many distinct recordings; None where one of them is unknown (-1)."""
    return None if (recordings < 0).any() else len(np.unique(recordings))


def score(
    outputs: NDArray[np.floating],
    labels: NDArray[np.int64],
    class_names: tuple[str, ...],
    *,
    recordings: NDArray[np.int64] | None = None,
) -> Scores:
    """All scores of network outputs [n, classes] against labels [n]; n is at least 1.

    recordings int64 [n] are those the clips were cut from, -1 where unknown.
    """
    loss = cross_entropy(outputs, labels)
    return _scores(outputs.argmax(axis=1), labels, class_names, recordings, loss=loss)


def score_probabilities(
    probabilities: NDArray[np.floating],
    labels: NDArray[np.int64],
    class_names: tuple[str, ...],
    *,
    recordings: NDArray[np.int64] | None = None,
) -> Scores:
    """The same of probabilities [n, classes], with probabilities clipped at 1e-12 in the loss."""
    loss = float(clip_losses(probabilities, labels).mean())
    return _scores(probabilities.argmax(axis=1), labels, class_names, recordings, loss=loss)


def pool_scores(parts: Sequence[Scores], n_recordings: int | None) -> Scores:
    """The scores of several folds' clips together; the loss is the mean over clips."""
    confusion = np.sum([scores.confusion for scores in parts], axis=0)
    names = tuple(scores.name for scores in parts[0].per_class)
    n = sum(scores.n for scores in parts)
    loss = sum(scores.loss * scores.n for scores in parts) / n
    return _from_confusion(confusion, names, loss, n_recordings)


def _scores(
    predicted: NDArray[np.int64],
    labels: NDArray[np.int64],
    class_names: tuple[str, ...],
    recordings: NDArray[np.int64] | None,
    *,
    loss: float,
) -> Scores:
    confusion = np.zeros((len(class_names), len(class_names)), dtype=np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    n_recordings = None if recordings is None else count_recordings(recordings)
    return _from_confusion(confusion, class_names, loss, n_recordings)


def _from_confusion(
    confusion: NDArray[np.int64],
    class_names: tuple[str, ...],
    loss: float,
    n_recordings: int | None,
) -> Scores:
    per_class = tuple(_class_score(confusion, k, name) for k, name in enumerate(class_names))
    n = int(confusion.sum())
    return Scores(
        accuracy=float(np.trace(confusion) / n),
        loss=loss,
        macro_f1=float(np.mean([scores.f1 for scores in per_class if scores.n])),
        per_class=per_class,
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        n=n,
        n_recordings=n_recordings,
    )


def _class_score(confusion: NDArray[np.int64], k: int, name: str) -> ClassScore:
    hits, said, true = int(confusion[k, k]), int(confusion[:, k].sum()), int(confusion[k].sum())
    precision, recall = _share(hits, said), _share(hits, true)
    return ClassScore(name, precision, recall, _share(2 * hits, said + true), true)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
