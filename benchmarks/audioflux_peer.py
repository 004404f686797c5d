"""Mean MFCC-40 as one takes it with audioFlux: its fast ways, and its mel scale."""

from functools import cache
from pathlib import Path

import audioflux
import numpy as np
import soundfile
from audioflux.type import (
    SpectralDataType,
    SpectralFilterBankNormalType,
    SpectralFilterBankScaleType,
)
from numpy.typing import NDArray

from urbansound.features.spec import MFCC40


def mean_mfcc(path: Path) -> NDArray[np.float32]:
    """One file's coefficients [40] in dB; frames are centred as librosa centres them.

    Of audioFlux's resamplers the fastest is taken, and of its spectrograms the one in real
    numbers (result_type=1): the complex one, which audioflux.mfcc takes, is many times slower.
    """
    samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    wave = audioflux.resample(mono, sample_rate, MFCC40.sample_rate, re_type="scipy_poly")
    mel = _mel().bft(np.pad(wave, MFCC40.n_fft // 2), result_type=1)
    cepstrum = _cepstrum()
    cepstrum.set_time_length(mel.shape[1])
    mean: NDArray[np.float32] = 10 * cepstrum.xxcc(mel, MFCC40.n_mfcc).mean(axis=1)
    return mean


@cache
def _mel() -> audioflux.BFT:
    return audioflux.BFT(
        MFCC40.n_mels,
        radix2_exp=MFCC40.n_fft.bit_length() - 1,
        samplate=MFCC40.sample_rate,
        slide_length=MFCC40.hop_length,
        scale_type=SpectralFilterBankScaleType.MEL,
        normal_type=SpectralFilterBankNormalType.BAND_WIDTH,
        data_type=SpectralDataType.POWER,
    )


@cache
def _cepstrum() -> audioflux.XXCC:
    return audioflux.XXCC(MFCC40.n_mels)
