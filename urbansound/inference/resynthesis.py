"""What a perceptron hears of a sound: noise with the same mean coefficients."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from urbansound.features.mfcc import log_mel, mel_band_edges
from urbansound.records import Audio, FeatureSpec

Floats = NDArray[np.float32]

# Each round measures the noise and mends its bands by what they are off.
_ROUNDS = 4


def sound_of_means(means: Floats, spec: FeatureSpec, seconds: float, *, seed: int = 0) -> Audio:
    """Steady noise at spec.sample_rate whose mean MFCCs are `means` [n_mfcc], nearly.

    The coefficients that are not there are taken as 0, so the spectrum is a smooth one.
    """
    wanted_db = _mean_levels(means, spec)
    n_samples = max(round(seconds * spec.sample_rate), spec.n_fft)
    white = np.random.default_rng(seed).standard_normal(n_samples).astype(np.float32)
    shape_db = wanted_db.copy()
    noise = white
    for _ in range(_ROUNDS):
        noise = _shaped(white, shape_db, spec)
        shape_db += wanted_db - log_mel(noise, spec).mean(axis=1)
    return Audio(noise, spec.sample_rate)


def _mean_levels(means: Floats, spec: FeatureSpec) -> Floats:
    """Levels in dB [n_mels] of mean MFCCs: the inverse of features.mfcc.cepstra."""
    padded = np.pad(means, (0, spec.n_mels - len(means)))
    return np.asarray(fft.idct(padded, type=2, norm="ortho"), np.float32)


def _shaped(white: Floats, levels_db: Floats, spec: FeatureSpec) -> Floats:
    """White noise [samples], each band as loud as its level; bands are area-normalised."""
    centres_hz = mel_band_edges(spec.sample_rate, spec.n_mels)[1:-1]
    bins_hz = np.fft.rfftfreq(len(white), 1 / spec.sample_rate)
    gains = 10 ** (np.interp(bins_hz, centres_hz, levels_db) / 20)
    return np.asarray(fft.irfft(fft.rfft(white) * gains, len(white)), np.float32)
