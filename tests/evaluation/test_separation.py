"""Effect sizes and overlaps against their textbook forms and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from urbansound.evaluation.separation import (
    effect_sizes,
    nearest_pair,
    roc_area,
    strongest_differences,
)


@pytest.fixture
def groups():
    rng = np.random.default_rng(0)
    one = rng.normal(size=(30, 6)).astype(np.float32)
    other = rng.normal(size=(50, 6)).astype(np.float32)
    one[:, 2] += 3
    other[:, 4] += 1.5
    return one, other


def test_effect_sizes_are_differences_in_pooled_deviations(groups):
    one, other = groups
    pooled = ((29 * one.var(axis=0, ddof=1) + 49 * other.var(axis=0, ddof=1)) / 78) ** 0.5
    np.testing.assert_allclose(
        effect_sizes(one, other), (one.mean(axis=0) - other.mean(axis=0)) / pooled, rtol=1e-5
    )


def test_what_never_varies_separates_nothing():
    same = np.ones((5, 2))
    assert effect_sizes(same, same + 1).tolist() == [0.0, 0.0]


def test_a_single_clip_each_gives_no_effect_and_no_warning():
    assert np.isfinite(effect_sizes(np.zeros((1, 3)), np.ones((1, 3)))).all()


def test_the_area_is_that_under_the_roc_curve(groups):
    one, other = groups
    truth = np.r_[np.ones(len(one)), np.zeros(len(other))]
    for column in range(one.shape[1]):
        values = np.r_[one[:, column], other[:, column]].round(1)  # Rounded, so that some tie.
        ours = roc_area(values[: len(one)], values[len(one) :])
        assert ours == pytest.approx(roc_auc_score(truth, values))


def test_the_strongest_differences_come_first_with_their_sign(groups):
    first, second, third = strongest_differences(*groups, 3)
    assert (first.number, second.number) == (2, 4)
    assert first.effect > 2 > 0 > second.effect
    assert abs(second.effect) >= abs(third.effect)
    assert first.area > 0.9
    assert second.area > 0.5


def test_the_nearest_pair_is_the_one_whose_averages_lie_nearest():
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 3, 7], 20)
    features = (
        rng.normal(size=(60, 4)) + np.array([0, 9, 10])[labels.searchsorted(labels) // 20][:, None]
    )
    assert nearest_pair(features, labels) == (3, 7)


def test_one_class_alone_has_no_pair():
    assert nearest_pair(np.zeros((3, 2)), np.zeros(3, np.int64)) is None
