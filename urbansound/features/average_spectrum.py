"""How loud a class's clips are in each pitch: their average spectrum and its spread.

Made of the clips' mean MFCCs alone, which are kept for every dataset. They are the cosine
transform of a clip's mean levels in 128 mel bands, cut off after 40 coefficients; turned back,
they give those levels without their finest ripples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from urbansound.features.mfcc import mel_band_edges
from urbansound.records import FeatureSpec

Floats = NDArray[np.floating]

WIDTH = (0.1, 0.9)
"""Between these quantiles lie 8 of 10 clips."""


@dataclass(frozen=True, eq=False)
class AverageSpectrum:
    """The mean level of n clips in each mel band, and the band where 8 of 10 of them lie.

    pitches_hz, mean_db, low_db and high_db are [n_mels]; 0 dB is a power of 1 in a band, so
    louder clips lie higher.
    """

    pitches_hz: Floats
    mean_db: Floats
    low_db: Floats
    high_db: Floats
    n: int


def average_spectrum(means: Floats, spec: FeatureSpec) -> AverageSpectrum:
    """The average spectrum of n clips from their mean MFCCs [n, n_mfcc] by `spec`; n >= 1."""
    levels = band_levels(means, spec)
    low, high = np.quantile(levels, WIDTH, axis=0)
    return AverageSpectrum(band_centres(spec), levels.mean(axis=0), low, high, len(means))


def band_levels(means: Floats, spec: FeatureSpec) -> Floats:
    """Mean levels in dB [n, n_mels] from mean MFCCs [n, n_mfcc].

    The inverse of the orthonormal DCT-II in features.mfcc.cepstra; what was cut off is 0.
    """
    levels: Floats = fft.idct(np.asarray(means), n=spec.n_mels, type=2, norm="ortho", axis=-1)
    return levels


def band_centres(spec: FeatureSpec) -> Floats:
    """The centre of each mel band in Hz, [n_mels]."""
    return mel_band_edges(spec.sample_rate, spec.n_mels)[1:-1]
