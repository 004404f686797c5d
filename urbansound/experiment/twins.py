"""Whether a sound is a clip of a dataset: the very file, a copy of it, or a part of it.

A copy is looked for in two steps. The levels of the bands that every copy keeps, told from the
mean MFCCs that are cached for all clips, name a few candidates; then their waves are laid over
the sound. A copy fits, whatever its format, rate and loudness; another stretch of the same
street does not.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import uniform_filter1d

from urbansound.audio.clips import load_clip
from urbansound.audio.signal import is_silence, resample
from urbansound.errors import BadAudio
from urbansound.features.mfcc import mean_mfcc, mel_band_edges
from urbansound.features.sidecar import Sidecar
from urbansound.features.spec import MFCC40
from urbansound.records import Audio, DatasetIndex, FeatureTable

Floats = NDArray[np.floating]

MIN_S, MAX_S = 0.25, 5.0
COPY, PART = 0.75, 0.5
# Of clips whose recording is not in the dataset, 2 in 1,000 are as near as this to a clip.
KIN_DISTANCE = 1.26
_CANDIDATES = 5
# A telephone keeps these tones, and so does everything better.
_BANDS_HZ = (200.0, 3500.0)
_WAVE_HZ = (100.0, 3400.0)
_RATE = 8000
_SMOOTH_HZ = 50.0
_LEAST = 1e-20


@dataclass(frozen=True)
class Twin:
    """A clip, by its number, that a sound is, holds a part of, or shares a recording with.

    "file" is the very file and "copy" the same sound stored anew. "part" shares a stretch
    with the clip. "kin" only sounds as clips of one recording do: a guess. `fit` is how well
    the waves lie on each other, 0 to 1.
    """

    number: int
    kind: Literal["file", "copy", "part", "kin"]
    fit: float


def find_file(index: DatasetIndex, sidecar: Sidecar, checksum: str) -> Twin | None:
    """The clip whose file has this checksum, as it was when the clips were measured."""
    for number, clip in enumerate(index.clips):
        state = sidecar.files.get(clip.path)
        if state is not None and state.checksum and state.checksum == checksum:
            return Twin(number, "file", 1.0)
    return None


def find_twin(audio: Audio, index: DatasetIndex, table: FeatureTable) -> Twin | None:
    """The clip that a sound of 0.25 to 5 s is or belongs with; None where nothing is known.

    `table` holds the mean MFCCs of the dataset, whose sounds have to be on disk.
    """
    if not MIN_S <= audio.duration_s <= MAX_S or is_silence(audio.samples):
        return None
    own = mean_mfcc(audio, MFCC40)
    wave = _wave(audio)
    found = [
        Twin(number, "part", fit)
        for number in _candidates(own, table)
        if (fit := _fit_of(wave, index, number)) is not None
    ]
    best = max(found, key=lambda twin: twin.fit, default=None)
    if best is not None and best.fit >= PART:
        return Twin(best.number, "copy" if best.fit >= COPY else "part", best.fit)
    return _kin(own, table)


def _candidates(own: Floats, table: FeatureTable) -> list[int]:
    """Numbers of the clips whose bands are nearest; loudness aside."""
    steps = (table.features - own) @ _to_bands()
    order = np.square(steps).sum(axis=1).argsort(kind="stable")[:_CANDIDATES]
    numbers: list[int] = table.clip_numbers[order].tolist()
    return numbers


@lru_cache(maxsize=1)
def _to_bands() -> NDArray[np.float64]:
    """What turns MFCCs [n_mfcc] into levels [bands] about their mean, by the inverse DCT."""
    coefficients = np.eye(MFCC40.n_mfcc, MFCC40.n_mels)
    levels = fft.idct(coefficients, type=2, norm="ortho", axis=1)
    centres_hz = mel_band_edges(MFCC40.sample_rate, MFCC40.n_mels)[1:-1]
    low, high = _BANDS_HZ
    kept = levels[:, (centres_hz > low) & (centres_hz < high)]
    return np.asarray(kept - kept.mean(axis=1, keepdims=True), np.float64)


def _fit_of(wave: Floats, index: DatasetIndex, number: int) -> float | None:
    try:
        other = load_clip(index, index.clips[number], max_seconds=2 * MAX_S)
    except (BadAudio, OSError):
        return None
    return wave_fit(wave, _wave(other))


def _wave(audio: Audio) -> Floats:
    return resample(audio, _RATE).samples


def wave_fit(one: Floats, other: Floats) -> float:
    """How well two waves [n], [m] at 8 kHz lie on each other where they do best, 0 to 1.

    Cross-correlation over 100 to 3,400 Hz, all tones made equally loud, so that two motors of
    one pitch are no copies of each other; turned upside down a copy is one too.
    """
    n = fft.next_fast_len(len(one) + len(other), real=True)
    spectra = [_whitened(wave, n) for wave in (one, other)]
    sizes = [np.square(fft.irfft(spectrum, n)).sum() for spectrum in spectra]
    together = fft.irfft(spectra[0] * spectra[1].conj(), n)
    return float(np.abs(together).max() / max(np.sqrt(sizes[0] * sizes[1]), _LEAST))


def _whitened(wave: Floats, n: int) -> NDArray[Any]:
    spectrum = fft.rfft(wave.astype(np.float64), n)
    hz = fft.rfftfreq(n, 1 / _RATE)
    around = uniform_filter1d(np.square(np.abs(spectrum)), max(1, int(_SMOOTH_HZ / hz[1])))
    # Around a digital silence the moving sum may round to a little below nothing.
    level = np.sqrt(np.maximum(around, _LEAST))
    low, high = _WAVE_HZ
    return np.where((hz > low) & (hz < high), spectrum / level, 0)


def _kin(own: Floats, table: FeatureTable) -> Twin | None:
    """The nearest clip by standardised coefficients, without the first: that is loudness."""
    spread = np.maximum(table.features[:, 1:].std(axis=0), 1e-6)
    distances = np.linalg.norm((table.features[:, 1:] - own[1:]) / spread, axis=1)
    row = int(distances.argmin())
    if distances[row] > KIN_DISTANCE:
        return None
    return Twin(int(table.clip_numbers[row]), "kin", 0.0)
