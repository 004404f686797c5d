"""Made-up answers of a model, for the tests beside this file."""

import numpy as np
import pytest

from urbansound.records import ClipResults


@pytest.fixture
def make_results():
    """A function that makes ClipResults from labels and what a model says."""
    return _make_results


def _make_results(labels, said, *, chance=0.9, n_classes=3, **columns):
    """Results of clips with these labels, for which a model says these classes at `chance`."""
    n = len(labels)
    probabilities = np.full((n, n_classes), 0.0, dtype=np.float32)
    probabilities[:] = ((1 - np.broadcast_to(chance, n)) / (n_classes - 1))[:, None]
    probabilities[np.arange(n), said] = chance
    given = {
        "paths": np.array([f"audio/fold1/{number}.wav" for number in range(n)]),
        "clip_numbers": np.arange(n),
        "folds": np.ones(n, dtype=np.int64),
        "recordings": np.arange(n),
        "durations_s": np.full(n, 4.0, dtype=np.float32),
        "is_loud": np.ones(n, dtype=bool),
        "is_test": np.ones(n, dtype=bool),
        **{name: np.asarray(column) for name, column in columns.items()},
    }
    return ClipResults(labels=np.asarray(labels), probabilities=probabilities, **given)
