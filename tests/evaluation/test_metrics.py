"""Scores against sums done by hand and by another library."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from urbansound.evaluation.calibration import fit_calibration
from urbansound.evaluation.metrics import cross_entropy, score
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


def test_calibration_finds_the_temperature_that_made_the_labels():
    generator = np.random.default_rng(1)
    logits = generator.normal(size=(20_000, 10)) * 2
    chances = tempered_probabilities(logits * 3, 1.0)
    labels = np.array([generator.choice(10, p=row / row.sum()) for row in chances.astype(float)])
    assert fit_calibration(logits, labels).temperature == pytest.approx(1 / 3, rel=0.05)


def test_tempered_probabilities_sum_to_one_and_never_overflow():
    chances = tempered_probabilities(np.array([[1e4, -1e4, 0.0]]), 0.05)
    assert np.isfinite(chances).all()
    assert chances.sum() == pytest.approx(1.0)
