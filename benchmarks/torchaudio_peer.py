"""Mean MFCC-40 as one takes it with torchaudio, set to librosa's conventions."""

from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torchaudio.transforms import MFCC, Resample

from urbansound.features.spec import MFCC40


def mean_mfcc(path: Path) -> NDArray[np.float32]:
    """One file's coefficients [40], resampled by torchaudio's own windowed sinc."""
    samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    wave = torch.from_numpy(samples.mean(axis=1))
    if sample_rate != MFCC40.sample_rate:
        wave = _resampler(sample_rate)(wave)
    mean: NDArray[np.float32] = _mfcc()(wave).mean(dim=1).numpy()
    return mean


@cache
def _resampler(sample_rate: int) -> Resample:
    return Resample(sample_rate, MFCC40.sample_rate)


@cache
def _mfcc() -> MFCC:
    frames = {"n_fft": MFCC40.n_fft, "hop_length": MFCC40.hop_length, "pad_mode": "constant"}
    mel = {"n_mels": MFCC40.n_mels, "norm": "slaney", "mel_scale": "slaney"}
    return MFCC(MFCC40.sample_rate, MFCC40.n_mfcc, melkwargs={**frames, **mel})
