"""A clip as it is drawn beside another one: its wave and log-mel levels on an absolute scale."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.signal import resample
from urbansound.features.average_spectrum import AverageSpectrum, band_centres
from urbansound.features.mfcc import log_mel
from urbansound.features.spec import MFCC40
from urbansound.records import Audio, FeatureSpec

Floats = NDArray[np.floating]

PICTURE = FeatureSpec(kind="logmel", n_fft=1024, hop_length=256, n_mels=96, pooling="none")
PEAKS = 600
RANGE_DB = 80.0


@dataclass(frozen=True, eq=False)
class ClipPicture:
    """The wave's course and its levels.

    peaks float32 [n, 2] are the lowest and highest sample of each of at most 600 stretches, 1.0
    being full scale; levels float32 [frames, 96] are in dB, a power of 1 in a band being 0.
    """

    peaks: Floats
    levels: Floats
    duration_s: float


def clip_picture(audio: Audio) -> ClipPicture:
    """The picture of a whole sound; BadAudio for no samples."""
    wave = resample(audio, PICTURE.sample_rate).samples
    levels = log_mel(wave, PICTURE)
    return ClipPicture(_peaks(audio.samples), levels.T, audio.duration_s)


def _peaks(samples: NDArray[np.float32]) -> Floats:
    starts = np.unique(np.linspace(0, len(samples), PEAKS, endpoint=False).astype(np.int64))
    lows, highs = (reach.reduceat(samples, starts) for reach in (np.minimum, np.maximum))
    return np.stack([lows, highs], axis=1)


def shades(levels: Floats, top_db: float) -> NDArray[np.uint8]:
    """Levels in dB as 0 at 80 dB below `top_db` or lower, to 255 at it or above."""
    shares = (levels - (top_db - RANGE_DB)) / RANGE_DB
    steps: NDArray[np.uint8] = np.round(255 * np.clip(shares, 0, 1)).astype(np.uint8)
    return steps


def clip_spectrum(audio: Audio) -> AverageSpectrum:
    """A single clip's mean level in each of 128 mel bands; BadAudio for no samples."""
    wave = resample(audio, MFCC40.sample_rate).samples
    mean = log_mel(wave, MFCC40).mean(axis=1)
    return AverageSpectrum(band_centres(MFCC40), mean, mean, mean, 1)


def pitch_places(pitches_hz: tuple[int, ...]) -> list[tuple[int, float]]:
    """Where pitches lie in the picture: (Hz, share of the height from below)."""
    centres = band_centres(PICTURE)
    places = np.interp(pitches_hz, centres, (np.arange(len(centres)) + 0.5) / len(centres))
    return [(hz, round(float(place), 4)) for hz, place in zip(pitches_hz, places, strict=True)]
