"""Reliability bins and the expected calibration error, against sums done by hand."""

import numpy as np
import pytest

from urbansound.evaluation.reliability import measure_reliability
from urbansound.models.probability import tempered_probabilities


def test_bins_of_five_clips_done_by_hand():
    confidence = np.array([0.95, 0.91, 0.75, 0.71, 0.6])
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    found = measure_reliability(probabilities, np.array([0, 1, 0, 0, 1]))
    by_n = [part.n for part in found.bins]
    assert by_n == [0, 0, 0, 0, 0, 1, 0, 2, 0, 2]
    assert found.bins[9].confidence == pytest.approx(0.93)
    assert found.bins[9].accuracy == 0.5
    assert found.bins[0].accuracy is None
    assert found.ece == pytest.approx((2 * 0.43 + 2 * 0.27 + 1 * 0.6) / 5)


def test_an_edge_belongs_to_the_bin_below_and_certainty_to_the_last():
    probabilities = np.array([[1.0, 0.0], [0.5, 0.5]])
    found = measure_reliability(probabilities, np.array([0, 0]))
    assert [k for k, part in enumerate(found.bins) if part.n] == [4, 9]
    assert (found.bins[4].low, found.bins[4].high) == (0.4, 0.5)


def test_a_confidence_rounded_past_one_is_in_the_last_bin():
    found = measure_reliability(np.array([[np.nextafter(1.0, 2.0), 0.0]]), np.array([0]))
    assert found.bins[9].n == 1


def test_labels_drawn_from_the_probabilities_are_calibrated_and_sharper_ones_are_not():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(20_000, 5)) * 1.5
    chances = tempered_probabilities(logits, 1.0)
    labels = (chances.cumsum(axis=1) < generator.uniform(size=(20_000, 1))).sum(axis=1).clip(0, 4)
    assert measure_reliability(chances, labels).ece < 0.015
    assert measure_reliability(tempered_probabilities(logits, 0.4), labels).ece > 0.1
