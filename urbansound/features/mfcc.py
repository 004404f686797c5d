"""Log-mel spectrograms and MFCCs in float32, equal to librosa's clip by clip.

librosa takes the top_db floor over the whole array it is given; here it is taken per
clip, so a clip never depends on its batch. Waves are worked on one after the other, a few
frames at a time: those fit the processor's cache, and arrays that large are not asked of
the operating system anew for every clip, which took as long as the arithmetic.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft, sparse

from urbansound.audio.signal import resample
from urbansound.errors import BadAudio
from urbansound.records import Audio, FeatureSpec
from urbansound.stages import staged

Floats = NDArray[np.float32]

_AMIN = 1e-10
_FRAMES_AT_ONCE = 48
_LINEAR_HZ_PER_MEL = 200 / 3
_LOG_FROM_HZ = 1000.0
_LOG_FROM_MEL = _LOG_FROM_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27


def log_mel(waves: Floats, spec: FeatureSpec) -> Floats:
    """Log-mel spectrograms in dB, one per clip.

    waves is [..., samples] at spec.sample_rate; the result is [..., n_mels, frames] with
    frames = 1 + samples // hop_length: one wave gives [n_mels, frames], a batch
    [batch, n_mels, frames]. The top_db floor is taken per clip. BadAudio for no samples.
    """
    rows = _rows(waves)
    n_frames = 1 + rows.shape[1] // spec.hop_length
    spectra = np.empty((len(rows), spec.n_mels, n_frames), np.float32)
    for wave, spectrum in zip(rows, spectra, strict=True):
        spectrum[:] = _log_mel_of_one(wave, spec)
    return spectra.reshape(*waves.shape[:-1], spec.n_mels, n_frames)


def mfcc(waves: Floats, spec: FeatureSpec) -> Floats:
    """MFCCs [..., n_mfcc, frames] of waves [..., samples] at spec.sample_rate."""
    return cepstra(log_mel(waves, spec), spec.n_mfcc)


@staged("DCT and statistics")
def cepstra(decibels: Floats, n_mfcc: int) -> Floats:
    """MFCCs [..., n_mfcc, frames] of log-mel levels [..., n_mels, frames] in dB.

    DCT-II with orthonormal scaling over the mel bands, as in librosa.feature.mfcc.
    """
    coefficients = fft.dct(decibels, type=2, norm="ortho", axis=-2)
    return np.asarray(coefficients[..., :n_mfcc, :], np.float32)


@staged("DCT and statistics")
def mean_mfcc_batch(waves: Floats, spec: FeatureSpec) -> Floats:
    """Mean MFCCs over time [batch, n_mfcc] of waves [batch, samples] at spec.sample_rate.

    The DCT is linear, so the mean over time is taken before it.
    """
    rows = _rows(waves)
    means = np.empty((len(rows), spec.n_mels, 1), np.float32)
    for wave, mean in zip(rows, means, strict=True):
        mean[:, 0] = _log_mel_of_one(wave, spec).mean(axis=1)
    return cepstra(means, spec.n_mfcc)[:, :, 0]


def mean_mfcc(audio: Audio, spec: FeatureSpec) -> Floats:
    """The article's feature of a sound of any rate and length: float32 [n_mfcc]."""
    wave = resample(audio, spec.sample_rate).samples
    coefficients: Floats = mean_mfcc_batch(wave[np.newaxis], spec)[0]
    return coefficients


def _rows(waves: Floats) -> Floats:
    if waves.shape[-1] == 0:
        raise BadAudio("There is no sound in this recording (0 samples). Choose another one.")
    return np.asarray(waves, np.float32).reshape(-1, waves.shape[-1])


@staged("logarithm")
def _log_mel_of_one(wave: Floats, spec: FeatureSpec) -> Floats:
    power = _mel_power(wave, spec)
    decibels = np.log10(np.maximum(power, np.float32(_AMIN), out=power), out=power)
    decibels *= 10
    floor = decibels.max() - np.float32(spec.top_db)
    floored: Floats = np.maximum(decibels, floor, out=decibels)
    return floored


@staged("mel filters")
def _mel_power(wave: Floats, spec: FeatureSpec) -> Floats:
    """Power in each mel band [n_mels, frames]; frames are centred on each hop, zeros around."""
    filters = mel_filters(spec.sample_rate, spec.n_fft, spec.n_mels)
    padded = np.pad(wave, spec.n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, spec.n_fft)[:: spec.hop_length]
    power = np.empty((spec.n_mels, len(frames)), np.float32)
    for start in range(0, len(frames), _FRAMES_AT_ONCE):
        some = slice(start, start + _FRAMES_AT_ONCE)
        power[:, some] = filters @ _power(frames[some], spec.n_fft).T
    return power


@staged("window, FFT and power")
def _power(frames: Floats, n_fft: int) -> Floats:
    """Power spectra [frames, 1 + n_fft // 2] of frames [frames, n_fft]."""
    spectra = fft.rfft(frames * _hann(n_fft), axis=-1)
    power: Floats = np.square(spectra.real)
    power += np.square(spectra.imag)
    return power


@lru_cache(maxsize=8)
def _hann(n_fft: int) -> Floats:
    """The periodic Hann window [n_fft]."""
    phase = 2 * np.pi * np.arange(n_fft) / n_fft
    return np.asarray(0.5 - 0.5 * np.cos(phase), np.float32)


@lru_cache(maxsize=8)
def mel_filters(sample_rate: int, n_fft: int, n_mels: int) -> "sparse.csr_array[Any]":
    """Triangular filters [n_mels, 1 + n_fft // 2], area-normalised, almost all zero.

    Slaney's formula as in librosa.filters.mel.
    """
    edges_hz = mel_band_edges(sample_rate, n_mels)
    bins_hz = np.fft.rfftfreq(n_fft, 1 / sample_rate)
    ramps = edges_hz[:, np.newaxis] - bins_hz
    widths_hz = np.diff(edges_hz)[:, np.newaxis]
    rising, falling = -ramps[:-2] / widths_hz[:-1], ramps[2:] / widths_hz[1:]
    triangles = np.maximum(0, np.minimum(rising, falling))
    area = 2 / (edges_hz[2:] - edges_hz[:-2])
    return sparse.csr_array((triangles * area[:, np.newaxis]).astype(np.float32))


def mel_band_edges(sample_rate: int, n_mels: int) -> NDArray[np.float64]:
    """The n_mels + 2 edges in Hz of mel bands from 0 Hz to half the sample rate.

    Band k rises from edge k to its centre at edge k + 1 and falls to edge k + 2.
    """
    return _mel_to_hz(np.linspace(0.0, _hz_to_mel(sample_rate / 2), n_mels + 2))


def _hz_to_mel(frequency_hz: float) -> float:
    if frequency_hz < _LOG_FROM_HZ:
        return frequency_hz / _LINEAR_HZ_PER_MEL
    return float(_LOG_FROM_MEL + np.log(frequency_hz / _LOG_FROM_HZ) / _LOG_STEP)


def _mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _LOG_FROM_HZ * np.exp(_LOG_STEP * (mels - _LOG_FROM_MEL))
    return np.where(mels < _LOG_FROM_MEL, mels * _LINEAR_HZ_PER_MEL, above)
