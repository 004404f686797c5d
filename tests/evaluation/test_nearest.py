"""The most similar of some rows, whatever the units of the numbers are."""

import numpy as np
import pytest

from urbansound.evaluation.nearest import most_similar, nearest_row


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


def test_the_most_similar_rows_are_each_of_another_group() -> None:
    features = np.array([[1.0, 0.0], [1.0, 0.1], [0.9, 0.3], [-1.0, 0.2], [0.0, -1.0]])
    rows, alike = most_similar(features, features[0], np.array([7, 7, 8, 9, 9]), 5)
    assert rows.tolist()[:2] == [0, 2]
    assert len(rows) == 3
    assert alike[0] == pytest.approx(1.0)
    assert (np.diff(alike) <= 0).all()


def test_no_more_are_found_than_were_asked_for() -> None:
    features = np.random.default_rng(0).standard_normal((20, 4))
    rows, alike = most_similar(features, features[3], np.arange(20), 5)
    assert rows[0] == 3
    assert len(rows) == len(alike) == 5


def test_a_number_that_never_changes_and_a_large_unit_change_no_likeness() -> None:
    features = np.random.default_rng(1).standard_normal((20, 3))
    groups = np.arange(20)
    wide = np.column_stack([features * [1, 1e6, 1], np.full(20, 5.0)])
    ours, theirs = (most_similar(rows, rows[0], groups, 5) for rows in (features, wide))
    assert ours[0].tolist() == theirs[0].tolist()
    np.testing.assert_allclose(ours[1], theirs[1])
