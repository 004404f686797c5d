"""A sound of any length at a glance: its course and its spectrogram at a bounded size.

It is read piece by piece, so that samples that lie on a disk never fill the memory.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from urbansound.audio.loudness import SILENT_DB, loudest_db
from urbansound.audio.mapped import let_go
from urbansound.audio.signal import peak_db, resample
from urbansound.errors import BadAudio
from urbansound.features.mfcc import mel_band_edges, mel_filters, mfcc
from urbansound.features.spec import MFCC40
from urbansound.records import Audio

Floats = NDArray[np.float32]

MAX_PEAKS = 2000
MAX_FRAMES = 1200
BANDS = 96
HZ_TICKS = (250, 500, 1000, 2000, 4000, 8000)
MFCC_REACH = 3.0

# The pitches are those of the networks' input, whatever the sound's own rate: up to 11 kHz.
_RATE = 22050
_N_FFT = 1024
_FINEST_HOP = 128
_MOST_IN_A_FRAME = 64
_AT_ONCE = 256
_PARTS, _PART_S = 64, 4.0
_RANGE_DB = 80.0
_SILENCE_DB = -100.0


@dataclass(frozen=True, eq=False)
class Overview:
    """What is drawn of a sound.

    peaks float32 [n, 2] are the lowest and the highest sample of each of n <= 2000 stretches,
    1.0 being the sound's own peak; levels uint8 [frames, bands] of at most 1200 frames run
    from 0 at -80 dB to 255 at the sound's own loudest; peak_db is that peak in dBFS and
    level_db how loud the sound is to the ear, as audio.loudness has it, -120 for silence.
    """

    peaks: Floats
    levels: NDArray[np.uint8]
    peak_db: float
    duration_s: float
    level_db: float = SILENT_DB


@dataclass(frozen=True, eq=False)
class MfccCourse:
    """The MFCCs over time, each in standard deviations of its own course.

    values uint8 [frames, 40] of at most 1200 frames run from 0 at -3 to 255 at +3; start_s
    and end_s are where the first frame begins and the last one ends.
    """

    values: NDArray[np.uint8]
    start_s: float
    end_s: float


def overview(audio: Audio) -> Overview:
    """A sound at a glance, in constant memory: 4 s take 20 ms, an hour takes seconds.

    BadAudio where there are no samples.
    """
    if len(audio.samples) == 0:
        raise BadAudio("There is no sound in this recording (0 samples). Choose another one.")
    peaks = _course(audio.samples)
    loudest = float(np.abs(peaks).max())
    scale = 1 / loudest if loudest > 0 else 1.0
    return Overview(
        peaks=peaks * np.float32(scale),
        levels=_levels(audio),
        peak_db=peak_db(peaks),
        duration_s=audio.duration_s,
        level_db=_level_db(audio),
    )


def mfcc_course(audio: Audio) -> MfccCourse:
    """How the 40 MFCCs of a sound go; BadAudio where there are no samples.

    Raw, the first coefficient is so much larger than the rest that nothing else shows. Where
    there are more frames than a picture has, a few neighbours are one by their mean.
    """
    coefficients = mfcc(resample(audio, MFCC40.sample_rate).samples, MFCC40)
    spread = np.maximum(coefficients.std(axis=1, keepdims=True), 1e-6)
    course = ((coefficients - coefficients.mean(axis=1, keepdims=True)) / spread).T
    n_together = math.ceil(len(course) / MAX_FRAMES)
    starts = np.arange(0, len(course), n_together)
    sizes = np.diff(starts, append=len(course))[:, np.newaxis]
    joined = np.add.reduceat(course, starts, axis=0) / sizes
    shares = np.clip((joined / MFCC_REACH + 1) / 2, 0, 1)
    # A frame is the sound around its hop, so the first one begins before the sound does.
    hop_s = MFCC40.hop_length / MFCC40.sample_rate
    end_s = (len(starts) * n_together - 0.5) * hop_s
    return MfccCourse(np.rint(255 * shares).astype(np.uint8), -0.5 * hop_s, end_s)


def band_pitches() -> list[int]:
    """The middle of each of the picture's bands in Hz, from low to high."""
    return [round(hz) for hz in mel_band_edges(_RATE, BANDS)[1:-1]]


def tick_places() -> list[tuple[int, float]]:
    """Frequencies in Hz to be marked and where: 0 is the picture's lower edge, 1 its upper."""
    centres_hz = mel_band_edges(_RATE, BANDS)[1:-1]
    middles = (np.arange(BANDS) + 0.5) / BANDS
    return [(hz, float(np.interp(hz, centres_hz, middles))) for hz in HZ_TICKS]


def _course(samples: Floats) -> Floats:
    """The lowest and highest sample [n, 2] of each stretch."""
    edges = np.linspace(0, len(samples), min(MAX_PEAKS, len(samples)) + 1).astype(np.int64)
    peaks = np.empty((len(edges) - 1, 2), np.float32)
    for at, (start, end) in enumerate(pairwise(edges)):
        stretch = samples[start:end]
        peaks[at] = stretch.min(), stretch.max()
        let_go(samples)
    return peaks


def _level_db(audio: Audio) -> float:
    """How loud a sound is, of all of up to four minutes, or of as many evenly spread parts."""
    samples, n_part = audio.samples, round(_PART_S * audio.sample_rate)
    n_parts = min(_PARTS, math.ceil(len(samples) / n_part))
    ends = np.linspace(min(n_part, len(samples)), len(samples), n_parts).astype(np.int64)
    levels = []
    for end in ends:
        part = np.asarray(samples[max(0, end - n_part) : end], np.float32)
        levels.append(loudest_db(part, audio.sample_rate))
        let_go(samples)
    return max(levels)


def _levels(audio: Audio) -> NDArray[np.uint8]:
    """Levels uint8 [frames, bands] of a sound, relative to its loudest."""
    decibels = 10 * np.log10(np.maximum(_mel_frames(audio), np.float32(1e-10)))
    loudest = decibels.max()
    if loudest <= _SILENCE_DB:
        return np.zeros(decibels.shape, np.uint8)
    shares = np.clip(1 + (decibels - loudest) / _RANGE_DB, 0, 1)
    levels: NDArray[np.uint8] = np.rint(255 * shares).astype(np.uint8)
    return levels


def _mel_frames(audio: Audio) -> Floats:
    """Power [frames, bands]: each frame shows the loudest of the moments that it stands for.

    The mean would hide a gun shot in a frame of three seconds.
    """
    samples = audio.samples
    n_fft = round(_N_FFT * audio.sample_rate / _RATE)
    hop = max(1, round(_FINEST_HOP * audio.sample_rate / _RATE))
    n_frames = min(MAX_FRAMES, math.ceil(len(samples) / hop))
    n_moments = math.ceil(2 * len(samples) / n_frames / n_fft)
    n_moments = min(_MOST_IN_A_FRAME, max(1, n_moments))
    centres = (np.arange(n_frames * n_moments) + 0.5) * (len(samples) / (n_frames * n_moments))
    starts = (centres.astype(np.int64) - n_fft // 2).reshape(n_frames, n_moments)
    frames = np.empty((n_frames, BANDS), np.float32)
    step = max(1, _AT_ONCE // n_moments)
    for at in range(0, n_frames, step):
        some = starts[at : at + step]
        power = _mel_power(_moments(samples, some.ravel(), n_fft))
        frames[at : at + step] = power.reshape(*some.shape, BANDS).max(axis=1)
        let_go(samples)
    return frames


def _moments(samples: Floats, starts: NDArray[np.int64], n_fft: int) -> Floats:
    """Stretches [len(starts), n_fft] of samples, with zeros before and after the sound."""
    low, high = int(starts[0]), int(starts[-1]) + n_fft
    part = np.asarray(samples[max(low, 0) : high], np.float32)
    before = max(-low, 0)
    padded = np.pad(part, (before, high - low - before - len(part)))
    return np.lib.stride_tricks.sliding_window_view(padded, n_fft)[starts - low]


def _mel_power(moments: Floats) -> Floats:
    """Power [moments, bands] of stretches of sound.

    They last as long as _N_FFT samples at _RATE, so the lowest bins of their spectra are the
    same pitches at any rate, and scaled alike; a sound of a low rate has no higher ones.
    """
    n_fft = moments.shape[1]
    window = np.hanning(n_fft + 1)[:-1].astype(np.float32)
    window *= _N_FFT / n_fft
    spectra = fft.rfft(moments * window, axis=1)[:, : _N_FFT // 2 + 1]
    power = np.zeros((len(moments), _N_FFT // 2 + 1), np.float32)
    power[:, : spectra.shape[1]] = np.square(spectra.real) + np.square(spectra.imag)
    banded: Floats = (mel_filters(_RATE, _N_FFT, BANDS) @ power.T).T
    return banded
