"""What a clip sounds like in a few hundred numbers, by which its copies are found.

After Haitsma & Kalker, "A Highly Robust Audio Fingerprinting System" (ISMIR 2002): 32 bits a
moment, each telling whether the energy between two neighbouring bands rises or falls. Gain,
sample rate, container and lossy coding leave most of them as they are.
"""

import functools
import math

import numpy as np
import scipy.fft
import soxr
from numpy.typing import NDArray

RATE = 5512
FRAME = 1024
HOP = 128
LAG = 2
WORDS = 256
"""Words of 32 bits kept of a clip: its first 6 s."""
_LOWEST_HZ, _HIGHEST_HZ = 300.0, 2000.0
_BANDS = 33
# Quieter moments, 60 dB below the clip's loudest, are noise of whatever coded it.
_FLOOR = 1e-6

Words = NDArray[np.uint32]


def fingerprint(samples: NDArray[np.float32], sample_rate: int) -> Words:
    """The words uint32 [n_words] of a mono sound [n]; 0 for a moment that tells nothing.

    One word every 23 ms, none for a sound under 0.24 s, and at most WORDS.
    """
    longest = math.ceil((WORDS + LAG) * HOP / RATE * sample_rate) + sample_rate
    wave = soxr.resample(samples[:longest], sample_rate, RATE, quality="LQ")
    if len(wave) < FRAME + LAG * HOP:
        return np.zeros(0, np.uint32)
    frames = np.lib.stride_tricks.sliding_window_view(wave, FRAME)[::HOP][: WORDS + LAG]
    spectrum = scipy.fft.rfft(frames * _window())[:, : _edges()[-1]]
    squares = np.square(spectrum.real) + np.square(spectrum.imag)
    energies = np.add.reduceat(squares, _edges()[:-1], axis=1)
    slopes = energies[:, :-1] - energies[:, 1:]
    bits = slopes[LAG:] > slopes[:-LAG]
    words = np.packbits(bits, axis=1).view(">u4")[:, 0].astype(np.uint32)
    totals = energies.sum(axis=1)
    words[totals[LAG:] <= max(float(totals.max()) * _FLOOR, 1e-9)] = 0
    return words


@functools.cache
def _window() -> NDArray[np.float32]:
    return np.hanning(FRAME).astype(np.float32)


@functools.cache
def _edges() -> NDArray[np.int64]:
    """The first line of each band, and the line after the last."""
    hertz = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, _BANDS + 1)
    return np.rint(hertz * FRAME / RATE).astype(np.int64)
