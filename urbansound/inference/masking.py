"""A part of a sound's picture as sound: a mask over its spectrogram, and all the rest."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from urbansound.audio.signal import resample
from urbansound.features.mfcc import mel_band_edges
from urbansound.inference.explain import LEFT, DecisionMap
from urbansound.records import CLIP_S, Audio, FeatureSpec

Floats = NDArray[np.float32]

_BLUR = 0.7
# Frames of a spectrogram's hop are halved: masks that change within one frame ring less.
_FINER = 2


@dataclass(frozen=True, eq=False)
class SoundParts:
    """A sound in two: together they are the whole again, sample by sample."""

    whole: Audio
    part: Audio
    rest: Audio


def keep_part(audio: Audio, drove: DecisionMap, share: float, spec: FeatureSpec) -> SoundParts:
    """The share of a sound of up to 4 s that drove the answer most, and everything else.

    At spec.sample_rate and at the original loudness. Neither is silent where the other
    sounds, but 26 dB softer.
    """
    wave = resample(audio, spec.sample_rate).samples[: int(CLIP_S * spec.sample_rate)]
    part = mask_sound(wave, LEFT + (1 - 2 * LEFT) * part_mask(drove, share), spec)
    whole, rest = Audio(wave, spec.sample_rate), Audio(wave - part, spec.sample_rate)
    return SoundParts(whole, Audio(part, spec.sample_rate), rest)


def part_mask(drove: DecisionMap, share: float) -> Floats:
    """1 where that share of all that sounds drove the answer most, else 0, with soft edges."""
    if share >= 1:
        return np.ones_like(drove.ranks)
    kept = (drove.ranks > 1 - share).astype(np.float32)
    return np.asarray(ndimage.gaussian_filter(kept, _BLUR), np.float32)


def mask_sound(wave: Floats, mask: Floats, spec: FeatureSpec) -> Floats:
    """The wave [samples] at spec.sample_rate, each band and frame as loud as the mask says.

    mask is [n_mels, frames] of spec, 0 to 1. Short-time Fourier transform, times the mask,
    and back; between the centres of bands and frames the mask is interpolated.
    """
    window = signal.windows.hann(spec.n_fft, sym=False)
    transform = signal.ShortTimeFFT(window, spec.hop_length // _FINER, spec.sample_rate)
    padded = np.pad(wave, (0, max(0, math.ceil(spec.n_fft / 2) - len(wave))))
    spectrum = transform.stft(padded)
    frames = (transform.p_min + np.arange(spectrum.shape[1])) / _FINER
    gains = _between_bands(spec) @ _between_frames(mask, frames)
    masked = transform.istft(spectrum * gains, k1=len(padded))
    return np.asarray(masked[: len(wave)], np.float32)


def _between_bands(spec: FeatureSpec) -> Floats:
    """What each band's gain counts at each frequency [1 + n_fft // 2, n_mels]."""
    centres_hz = mel_band_edges(spec.sample_rate, spec.n_mels)[1:-1]
    bins_hz = np.fft.rfftfreq(spec.n_fft, 1 / spec.sample_rate)
    weights = [np.interp(bins_hz, centres_hz, band) for band in np.eye(spec.n_mels)]
    return np.stack(weights, axis=1).astype(np.float32)


def _between_frames(mask: Floats, frames: NDArray[np.float64]) -> Floats:
    """The mask at fractional frames, held before the first and after the last."""
    at = np.clip(frames, 0, mask.shape[1] - 1)
    before = at.astype(int)
    after = np.minimum(before + 1, mask.shape[1] - 1)
    share = (at - before).astype(np.float32)
    between: Floats = mask[:, before] * (1 - share) + mask[:, after] * share
    return between
