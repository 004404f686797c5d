"""Average spectra from kept coefficients, against the spectra themselves."""

from dataclasses import replace

import numpy as np
import pytest

from urbansound.features.average_spectrum import average_spectrum, band_centres, band_levels
from urbansound.features.mfcc import log_mel, mean_mfcc_batch
from urbansound.features.spec import MFCC40


@pytest.fixture(scope="module")
def waves():
    rng = np.random.default_rng(0)
    return (rng.normal(size=(3, 22050)) * np.array([[0.3], [0.1], [0.01]])).astype(np.float32)


def test_all_coefficients_give_the_mean_levels_back(waves):
    spec = replace(MFCC40, n_mfcc=MFCC40.n_mels)
    levels = band_levels(mean_mfcc_batch(waves, spec), spec)
    np.testing.assert_allclose(levels, log_mel(waves, spec).mean(axis=-1), atol=1e-3)


def test_forty_coefficients_give_them_smoothed_with_the_same_mean(waves):
    levels = band_levels(mean_mfcc_batch(waves, MFCC40), MFCC40)
    exact = log_mel(waves, MFCC40).mean(axis=-1)
    np.testing.assert_allclose(levels.mean(axis=1), exact.mean(axis=1), atol=1e-3)
    assert np.abs(levels - exact).mean() < 1.5


def test_a_tone_stands_out_at_its_pitch():
    seconds = np.arange(22050) / 22050
    tone = (0.3 * np.sin(2 * np.pi * 1000 * seconds))[np.newaxis].astype(np.float32)
    spectrum = average_spectrum(mean_mfcc_batch(tone, MFCC40), MFCC40)
    assert spectrum.pitches_hz[spectrum.mean_db.argmax()] == pytest.approx(1000, rel=0.05)


def test_eight_of_ten_clips_lie_within_the_band():
    rng = np.random.default_rng(1)
    means = rng.normal(size=(200, 40))
    spectrum = average_spectrum(means, MFCC40)
    levels = band_levels(means, MFCC40)
    inside = (levels >= spectrum.low_db) & (levels <= spectrum.high_db)
    assert inside.mean() == pytest.approx(0.8, abs=0.01)
    assert spectrum.n == 200


def test_pitches_rise_over_the_whole_range():
    pitches = band_centres(MFCC40)
    assert len(pitches) == MFCC40.n_mels
    assert (np.diff(pitches) > 0).all()
    assert 0 < pitches[0] < pitches[-1] < MFCC40.sample_rate / 2
