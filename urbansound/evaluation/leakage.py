"""How much of a test was already heard in training.

Clips of one recording are near twins. Where a recording stands on both sides of a split,
memory passes for skill. recordings int64 [n] are per row of the table, -1 where unknown.
"""

import numpy as np
from numpy.typing import NDArray

from urbansound.records import Split


def leaked_share(
    split: Split, recordings: NDArray[np.int64], labels: NDArray[np.int64] | None = None
) -> float:
    """Share of test clips whose recording trained too; 0 without test clips.

    With labels int64 [n], only a recording that trained with the same label counts.
    """
    if not len(split.test):
        return 0.0
    sources = _pairs(recordings, np.zeros_like(recordings) if labels is None else labels)
    trained = {sources[row] for row in split.train.tolist() if recordings[row] >= 0}
    return sum(sources[row] in trained for row in split.test.tolist()) / len(split.test)


def lookup_accuracy(
    split: Split, recordings: NDArray[np.int64], labels: NDArray[np.int64]
) -> float:
    """Accuracy on the test clips of a table that hears nothing; 0 without test clips.

    It answers with the class that a recording has most often in training, and for a
    recording that it does not know with the most frequent class of all training clips.
    """
    if not len(split.test) or not len(split.train):
        return 0.0
    known, number = np.unique(recordings[split.train], return_inverse=True)
    counts = np.zeros((len(known), int(labels.max()) + 1), dtype=np.int64)
    np.add.at(counts, (number, labels[split.train]), 1)
    asked = recordings[split.test]
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    is_known = (known[place] == asked) & (asked >= 0)
    answers = np.where(is_known, counts.argmax(axis=1)[place], counts.sum(axis=0).argmax())
    return float((answers == labels[split.test]).mean())


def crossing_pairs(
    split: Split, recordings: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[tuple[int, int], ...]:
    """The (recording, label) pairs with clips in two of train, validation and test.

    Under official folds there is none. Clips of unknown recordings cannot be told.
    """
    pairs = _pairs(recordings, labels)
    train, validation, test = (
        {pairs[row] for row in rows.tolist() if recordings[row] >= 0}
        for rows in (split.train, split.validation, split.test)
    )
    return tuple(sorted((train & validation) | (train & test) | (validation & test)))


def _pairs(recordings: NDArray[np.int64], labels: NDArray[np.int64]) -> list[tuple[int, int]]:
    return list(zip(recordings.tolist(), labels.tolist(), strict=True))
