"""Scores from outputs and labels, in numpy.

Precision, recall and F1 as in any textbook, 0 where their denominator is 0; macro F1 is
the mean over the classes that have clips.
"""

import numpy as np
from numpy.typing import NDArray

from urbansound.models.probability import log_softmax
from urbansound.records import ClassScore, Scores


def cross_entropy(logits: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """Mean negative log-probability (nats) of the true classes."""
    return float(-log_softmax(logits)[np.arange(len(labels)), labels].mean())


def score(
    outputs: NDArray[np.floating], labels: NDArray[np.int64], class_names: tuple[str, ...]
) -> Scores:
    """All scores of network outputs [n, classes] against labels [n]; n is at least 1."""
    confusion = np.zeros((len(class_names), len(class_names)), dtype=np.int64)
    np.add.at(confusion, (labels, outputs.argmax(axis=1)), 1)
    per_class = tuple(_class_score(confusion, k, name) for k, name in enumerate(class_names))
    present = [scores.f1 for scores in per_class if scores.n]
    return Scores(
        accuracy=float(np.trace(confusion) / len(labels)),
        loss=cross_entropy(outputs, labels),
        macro_f1=float(np.mean(present)),
        per_class=per_class,
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        n=len(labels),
    )


def _class_score(confusion: NDArray[np.int64], k: int, name: str) -> ClassScore:
    hits, said, true = int(confusion[k, k]), int(confusion[:, k].sum()), int(confusion[k].sum())
    precision, recall = _share(hits, said), _share(hits, true)
    return ClassScore(name, precision, recall, _share(2 * hits, said + true), true)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
