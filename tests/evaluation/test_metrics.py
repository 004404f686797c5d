"""Scores against sums done by hand and by another library."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from urbansound.evaluation.metrics import clip_losses, cross_entropy, score, score_probabilities
from urbansound.models.probability import tempered_probabilities


def test_scores_of_four_clips_done_by_hand():
    outputs = np.array([[2, 0, 0], [2, 0, 0], [0, 2, 0], [0, 0, 2]], dtype=np.float32)
    labels = np.array([0, 1, 1, 1], dtype=np.int64)
    scores = score(outputs, labels, ("a", "b", "c"))
    assert scores.accuracy == 0.5
    assert scores.confusion == ((1, 0, 0), (1, 1, 1), (0, 0, 0))
    a, b, c = scores.per_class
    assert (a.precision, a.recall, a.n) == (0.5, 1.0, 1)
    assert (b.precision, b.recall) == (1.0, pytest.approx(1 / 3))
    assert b.f1 == pytest.approx(0.5)
    assert (c.precision, c.recall, c.f1, c.n) == (0.0, 0.0, 0.0, 0)
    assert scores.macro_f1 == pytest.approx((2 / 3 + 0.5) / 2)


def test_cross_entropy_equals_torchs():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(50, 10)).astype(np.float32) * 5
    labels = generator.integers(0, 10, 50)
    expected = functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(labels))
    assert cross_entropy(logits, labels) == pytest.approx(expected.item(), abs=1e-5)


def test_tempered_probabilities_sum_to_one_and_never_overflow():
    chances = tempered_probabilities(np.array([[1e4, -1e4, 0.0]]), 0.05)
    assert np.isfinite(chances).all()
    assert chances.sum() == pytest.approx(1.0)


def test_probabilities_score_as_the_outputs_they_come_from():
    generator = np.random.default_rng(2)
    logits = generator.normal(size=(40, 3)) * 3
    labels = generator.integers(0, 3, 40)
    ours = score_probabilities(tempered_probabilities(logits, 1.0), labels, ("a", "b", "c"))
    theirs = score(logits, labels, ("a", "b", "c"))
    assert ours.loss == pytest.approx(theirs.loss, abs=1e-5)
    assert ours.confusion == theirs.confusion


def test_a_probability_of_zero_costs_much_but_not_everything():
    losses = clip_losses(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([1, 0]))
    assert losses == pytest.approx([-np.log(1e-12), np.log(2)])


@pytest.mark.parametrize(
    ("recordings", "n_recordings"), [([7, 7, 9], 2), ([7, -1, 9], None), (None, None)]
)
@pytest.mark.parametrize("scoring", [score, score_probabilities])
def test_scores_count_recordings_where_all_are_known(scoring, recordings, n_recordings):
    given = None if recordings is None else np.array(recordings)
    scores = scoring(np.eye(3), np.arange(3), ("a", "b", "c"), recordings=given)
    assert scores.n_recordings == n_recordings
