"""Temperature and threshold, on made-up models whose truth is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbansound.evaluation.calibration import (
    HIGHEST_THRESHOLD,
    TARGET_PRECISION,
    fit_calibration,
    fit_threshold,
    kept_share_and_precision,
)
from urbansound.models.probability import tempered_probabilities


def two_classes(confidences, is_right):
    """Probabilities and labels of clips that are answered at these confidences."""
    sure = np.asarray(confidences, dtype=np.float32)
    return np.stack([sure, 1 - sure], axis=1), np.where(np.broadcast_to(is_right, len(sure)), 0, 1)


def honest_clips(generator, n_recordings, clips_each=5):
    """Clips whose confidence is their chance to be right; those of a recording share both."""
    confidence = np.repeat(generator.uniform(0.5, 1.0, n_recordings), clips_each)
    luck = np.repeat(generator.uniform(size=n_recordings), clips_each)
    recordings = np.repeat(np.arange(n_recordings), clips_each)
    return *two_classes(confidence, luck < confidence), recordings


def test_calibration_finds_the_temperature_that_made_the_labels():
    generator = np.random.default_rng(1)
    logits = generator.normal(size=(20_000, 10)) * 2
    chances = tempered_probabilities(logits * 3, 1.0)
    labels = np.array([generator.choice(10, p=row / row.sum()) for row in chances.astype(float)])
    assert fit_calibration(logits, labels).temperature == pytest.approx(1 / 3, rel=0.05)


def test_calibration_takes_its_threshold_from_tempered_probabilities():
    generator = np.random.default_rng(2)
    logits = generator.normal(size=(2_000, 4)) * 4
    sums = tempered_probabilities(logits * 2, 1.0).cumsum(axis=1)
    labels = (sums < generator.uniform(size=(2_000, 1))).sum(axis=1).clip(0, 3)
    recordings = np.arange(2_000) // 40
    found = fit_calibration(logits, labels, recordings)
    tempered = tempered_probabilities(logits, found.temperature)
    assert found.threshold == fit_threshold(tempered, labels, recordings)
    assert found.threshold != fit_threshold(tempered, labels, np.arange(2_000))


def test_95_per_cent_holds_on_new_clips_in_four_of_five_cases():
    """Confidence is even between 0.5 and 1, so new clips above t are right in (1 + t) / 2."""
    generator = np.random.default_rng(3)
    thresholds = np.array([fit_threshold(*honest_clips(generator, 300)) for _ in range(200)])
    precision = (1 + thresholds) / 2
    assert (precision >= TARGET_PRECISION).mean() > 0.8
    assert np.quantile(precision, 0.02) > 0.93
    # It is not bought by hardly answering: exactly 95 % would keep 20 %.
    assert np.mean(2 * (1 - thresholds)) > 0.1


def test_a_sure_model_that_is_always_right_is_always_heard():
    probabilities, labels = two_classes(np.linspace(0.91, 1.0, 700), True)
    threshold = fit_threshold(probabilities, labels)
    assert kept_share_and_precision(probabilities, labels, threshold) == (1.0, 1.0)


def test_confidence_without_being_right_keeps_few_and_so_does_being_right_without_confidence():
    boastful, labels = two_classes(np.linspace(0.6, 0.98, 700), np.arange(700) > 500)
    assert fit_threshold(boastful, labels, np.arange(700)) > 0.85
    modest, labels = two_classes(np.linspace(0.6, 0.98, 700), True)
    assert fit_threshold(modest, labels, np.arange(700)) == pytest.approx(0.92, abs=0.001)


def test_twins_are_no_evidence():
    """Three of 100 answers are wrong, and three of 100 recordings: more may be by chance."""
    confidence = np.linspace(0.999, 0.94, 1000)
    probabilities, labels = two_classes(confidence, np.arange(1000) // 10 % 33 != 32)
    by_recording = fit_threshold(probabilities, labels, np.arange(1000) // 10)
    by_clip = fit_threshold(probabilities, labels, np.arange(1000))
    assert by_recording > by_clip


def test_one_recording_of_many_wrong_clips_is_not_outvoted_by_small_ones():
    """By recording 99 % are right, by clip a third."""
    recordings = np.r_[np.arange(100), np.full(200, 100)]
    probabilities, labels = two_classes(np.full(300, 0.96), recordings < 100)
    confident, right = two_classes(np.full(60, 0.98), True)
    threshold = fit_threshold(
        np.concatenate([probabilities, confident]),
        np.concatenate([labels, right]),
        np.r_[recordings, 200 + np.arange(60)],
    )
    assert threshold == pytest.approx(0.98)


def test_an_unknown_recording_counts_clips_as_if_none_were_known():
    generator = np.random.default_rng(4)
    probabilities, labels, recordings = honest_clips(generator, 200)
    partly = np.where(np.arange(len(labels)) == 3, -1, recordings)
    assert fit_threshold(probabilities, labels, partly) == fit_threshold(probabilities, labels)


def test_a_threshold_out_of_reach_still_leaves_answers():
    generator = np.random.default_rng(5)
    confidence = generator.uniform(0.5, 1.0, 900)
    is_right = generator.uniform(size=900) < 0.5
    probabilities, labels = two_classes(confidence, is_right)
    threshold = fit_threshold(probabilities, labels)
    assert 0.5 <= threshold <= HIGHEST_THRESHOLD
    assert kept_share_and_precision(probabilities, labels, threshold)[0] > 0


def test_three_right_clips_are_not_enough_to_answer_below_one_half():
    probabilities = np.array([[0.9, 0.05, 0.05], [0.4, 0.3, 0.3], [0.38, 0.31, 0.31]])
    assert fit_threshold(probabilities, np.zeros(3, dtype=np.int64)) == 0.5


def test_a_model_that_is_never_sure_of_one_half_still_answers_its_surest_clip():
    probabilities = np.array([[0.4, 0.3, 0.3], [0.38, 0.31, 0.31]])
    assert fit_threshold(probabilities, np.zeros(2, dtype=np.int64)) <= 0.4


def test_equal_confidences_stay_together():
    probabilities, labels = two_classes(np.full(400, 0.75), np.arange(400) < 200)
    assert fit_threshold(probabilities, labels, np.arange(400)) == 0.75
    surer, right = two_classes(np.full(100, 0.9), True)
    threshold = fit_threshold(
        np.concatenate([probabilities, surer]), np.concatenate([labels, right]), np.arange(500)
    )
    assert threshold == pytest.approx(0.9)


@given(n=st.integers(1, 60), seed=st.integers(0, 10_000))
def test_whatever_the_clips_something_is_answered_unless_it_takes_more_than_99_per_cent(n, seed):
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.full(4, 0.3), n)
    labels = generator.integers(0, 4, n)
    threshold = fit_threshold(probabilities, labels, generator.integers(0, 5, n))
    assert 0 < threshold <= HIGHEST_THRESHOLD
    assert kept_share_and_precision(probabilities, labels, threshold)[0] > 0


def test_kept_share_and_precision_by_hand():
    probabilities, labels = two_classes([0.9, 0.8, 0.75, 0.5], [True, False, True, True])
    assert kept_share_and_precision(probabilities, labels, 0.75) == (0.75, pytest.approx(2 / 3))
    assert kept_share_and_precision(probabilities, labels, 0.95) == (0.0, None)
