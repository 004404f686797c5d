"""The most similar of some rows, whatever the units of the numbers are."""

import numpy as np

from urbansound.evaluation.nearest import nearest_row


def test_the_closest_candidate_wins() -> None:
    features = np.array([[0.0, 0.0], [3.0, 3.0], [1.0, 1.0], [0.1, 0.1]])
    assert nearest_row(features, 0, np.array([1, 2])) == 2
    assert nearest_row(features, 0, np.array([1, 2, 3])) == 3


def test_a_number_with_a_large_unit_does_not_decide_alone() -> None:
    features = np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 1.0], [300.0, 0.1]])
    scaled = features * [1e6, 1.0]
    candidates = np.array([1, 2])
    assert nearest_row(features, 0, candidates) == nearest_row(scaled, 0, candidates) == 1


def test_a_constant_number_is_no_obstacle() -> None:
    features = np.array([[5.0, 0.0], [5.0, 2.0], [5.0, 1.0]], np.float32)
    assert nearest_row(features, 0, np.array([1, 2])) == 2


def test_without_candidates_nothing_is_nearest() -> None:
    assert nearest_row(np.zeros((2, 2)), 0, np.array([], np.int64)) is None
