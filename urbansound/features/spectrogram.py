"""The log-mel picture of a sound that people look at."""

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.signal import resample
from urbansound.features.mfcc import log_mel, mel_band_edges
from urbansound.records import Audio, FeatureSpec

PICTURE = FeatureSpec(kind="logmel", pooling="none")
FLOOR_DB = -80.0
_SILENCE_DB = -100.0


def spectrogram_db(
    audio: Audio, spec: FeatureSpec = PICTURE
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Levels in dB [n_mels, frames], the bands' centres in Hz, the frames' times in s.

    0 dB is the sound's own maximum and -80 dB the floor; silence is all floor.
    """
    levels = log_mel(resample(audio, spec.sample_rate).samples, spec)
    loudest = levels.max()
    db = np.maximum(levels - loudest, np.float32(FLOOR_DB))
    if loudest <= _SILENCE_DB:
        db = np.full_like(levels, FLOOR_DB)
    centres_hz = mel_band_edges(spec.sample_rate, spec.n_mels)[1:-1]
    times_s = np.arange(levels.shape[1]) * spec.hop_length / spec.sample_rate
    return db, centres_hz, times_s
