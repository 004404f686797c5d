"""A sound made worse step by step, and where a network's answer flips."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import fft, signal

from urbansound.inference.classify import Classifier
from urbansound.inference.windows import MIN_S
from urbansound.labels import SILENCE
from urbansound.records import Audio, Prediction

Floats = NDArray[np.float32]
KnobName = Literal["gain_db", "noise_db", "low_pass_hz", "speed"]

NO_NOISE_DB = -60.0
"""Noise that is softer than this, in dB above the sound, is left out."""
OPEN_HZ = 11025.0
"""No network here hears higher tones, so a low-pass from here on changes nothing."""
_LOW_PASSES_HZ = (250, 350, 500, 700, 1000, 1400, 2000, 2800, 4000, 5600, 8000)
_PINK_FROM_HZ = 20.0
_ORDER = 8
_SEED = 0


@dataclass(frozen=True)
class Variation:
    """What is done to a sound, in this order: speed, low-pass, noise, gain.

    speed changes pitch and tempo together; low_pass_hz is where tones are 6 dB weaker;
    noise_db is how far pink noise lies above the sound, both as root mean squares; with a
    gain_db, what goes beyond full scale is cut off, as a device does.
    """

    speed: float = 1.0
    low_pass_hz: float = OPEN_HZ
    noise_db: float = NO_NOISE_DB
    gain_db: float = 0.0


NEUTRAL = Variation()


@dataclass(frozen=True)
class Knob:
    """One number of a variation, with the levels that are tried, in rising order."""

    name: KnobName
    levels: tuple[float, ...]

    @property
    def neutral(self) -> float:
        """The level at which nothing is changed; it is one of `levels`."""
        return float(getattr(NEUTRAL, self.name))

    def at(self, level: float) -> Variation:
        """The variation that differs from none in this number alone."""
        return varied({self.name: level})


KNOBS: tuple[Knob, ...] = (
    Knob("gain_db", tuple(float(level) for level in range(-48, 37, 6))),
    Knob("noise_db", (NO_NOISE_DB, -50.0, *(float(level) for level in range(-40, 15, 5)))),
    Knob("low_pass_hz", (*(float(hz) for hz in _LOW_PASSES_HZ), OPEN_HZ)),
    Knob("speed", tuple(round(2 ** (step / 6), 2) for step in range(-6, 7))),
)
"""The four ways in which a sound can be made worse."""


def varied(levels: Mapping[KnobName, float]) -> Variation:
    """The variation with these levels, and the neutral ones of all other knobs."""
    changes: dict[str, Any] = {str(name): level for name, level in levels.items()}
    return replace(NEUTRAL, **changes)


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a network says at each level of one knob: probabilities [levels, classes]."""

    knob: Knob
    levels: tuple[float, ...]
    predictions: tuple[Prediction, ...]

    @property
    def probabilities(self) -> Floats:
        """Calibrated probabilities [levels, classes]."""
        return np.stack([prediction.probabilities for prediction in self.predictions])

    @property
    def answers(self) -> tuple[str, ...]:
        """At each level the most probable class, or "silence" where nothing is left to hear."""
        return tuple(answer_of(prediction) for prediction in self.predictions)


@dataclass(frozen=True)
class Flip:
    """The level nearest to the original at which the answer is another one."""

    level: float
    answer: str


def answer_of(prediction: Prediction) -> str:
    """What a prediction leans to, sure or not: a class, or "silence"."""
    return SILENCE if prediction.label == SILENCE else prediction.best


def vary(audio: Audio, variation: Variation) -> Audio:
    """The changed sound, at the same rate; with NEUTRAL the same samples.

    A speed of 2 halves its length.
    """
    samples = _at_speed(audio.samples, variation.speed)
    samples = _low_passed(samples, audio.sample_rate, variation.low_pass_hz)
    samples = _with_noise(samples, audio.sample_rate, variation.noise_db)
    return Audio(_louder(samples, variation.gain_db), audio.sample_rate)


def _at_speed(samples: Floats, speed: float) -> Floats:
    if speed == 1.0:
        return samples
    faster: Floats = soxr.resample(samples, speed, 1.0, quality="soxr_hq")
    return faster


def _low_passed(samples: Floats, sample_rate: int, low_pass_hz: float) -> Floats:
    if low_pass_hz >= min(OPEN_HZ, 0.49 * sample_rate):
        return samples
    # Forwards and backwards: no delay, and the half-power point becomes the 6 dB point.
    sections = signal.butter(_ORDER // 2, low_pass_hz, fs=sample_rate, output="sos")
    padding = min(len(samples) - 1, 3 * _ORDER)
    filtered = signal.sosfiltfilt(sections, samples, padlen=max(0, padding))
    return np.asarray(filtered, np.float32)


def _with_noise(samples: Floats, sample_rate: int, noise_db: float) -> Floats:
    if noise_db <= NO_NOISE_DB:
        return samples
    noise = _pink_noise(len(samples), sample_rate)
    level = _rms(samples) * 10 ** (noise_db / 20)
    return np.asarray(samples + noise * (level / max(_rms(noise), 1e-12)), np.float32)


def _pink_noise(n_samples: int, sample_rate: int) -> Floats:
    """Noise [n_samples], the same each time, with as much power in every octave."""
    white = np.random.default_rng(_SEED).standard_normal(n_samples, np.float32)
    n_fft = fft.next_fast_len(n_samples, real=True)
    spectrum = fft.rfft(white, n_fft)
    hz = np.fft.rfftfreq(n_fft, 1 / sample_rate)
    spectrum *= (1 / np.sqrt(np.maximum(hz, _PINK_FROM_HZ))).astype(np.float32)
    return np.asarray(fft.irfft(spectrum, n_fft)[:n_samples], np.float32)


def _rms(samples: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def _louder(samples: Floats, gain_db: float) -> Floats:
    if gain_db == 0.0:
        return samples
    louder: Floats = np.clip(samples * np.float32(10 ** (gain_db / 20)), -1.0, 1.0)
    return louder


def sweep(classifier: Classifier, audio: Audio, knob: Knob) -> Sweep:
    """What the network says to a sound of a few seconds at each level, all else unchanged.

    BadAudio where the sound is too short to hear. Levels that would make it so are left out.
    """
    chosen = [
        level
        for level in knob.levels
        if level == knob.neutral or _stays_audible(audio, knob.at(level))
    ]
    heard = [classifier.classify(vary(audio, knob.at(level))).prediction for level in chosen]
    return Sweep(knob, tuple(chosen), tuple(heard))


def _stays_audible(audio: Audio, variation: Variation) -> bool:
    return audio.duration_s / variation.speed >= 1.01 * MIN_S


def find_flip(sweep: Sweep, *, upwards: bool) -> Flip | None:
    """Where the answer first changes on the way up or down from the neutral level.

    None where it never does, or where there is no level on that side.
    """
    answers = dict(zip(sweep.levels, sweep.answers, strict=True))
    neutral = sweep.knob.neutral
    side = sorted(level for level in answers if (level > neutral) == upwards and level != neutral)
    for level in side if upwards else reversed(side):
        if answers[level] != answers[neutral]:
            return Flip(level, answers[level])
    return None
