"""Sounds that are none of the ten classes, made by arithmetic with a fixed seed."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from urbansound.records import Audio

RATE = 22050
SECONDS = 4.0
Samples = NDArray[np.float64]


def strange_sounds(per_kind: int = 20) -> Iterator[tuple[str, Audio]]:
    """(kind, sound) for every kind, `per_kind` sounds of each, 4 s long."""
    rng = np.random.default_rng(0)
    kinds: dict[str, Callable[[], Samples]] = {
        "silence": lambda: np.zeros(_n()),
        "white noise": lambda: rng.standard_normal(_n()),
        "pink noise": lambda: _coloured(rng, 0.5),
        "brown noise": lambda: _coloured(rng, 1.0),
        "440 Hz tone": lambda: np.sin(2 * np.pi * 440 * _time() + rng.uniform(0, 6)),
        "other tones": lambda: np.sin(2 * np.pi * rng.uniform(80, 6000) * _time()),
        "sweeps": lambda: signal.chirp(_time(), rng.uniform(80, 400), SECONDS, 6000),
        "hum": lambda: _hum(rng),
        "babble": lambda: np.sum([_voice(rng) for _ in range(6)], axis=0),
        "one voice": lambda: _voice(rng),
    }
    for kind, make in kinds.items():
        for _ in range(per_kind):
            yield kind, _as_audio(make(), 10 ** (rng.uniform(-30, -3) / 20))


def _n() -> int:
    return round(RATE * SECONDS)


def _time() -> Samples:
    return np.arange(_n()) / RATE


def _as_audio(samples: Samples, peak: float) -> Audio:
    loudest = np.abs(samples).max()
    scaled = samples * (peak / loudest if loudest > 0 else 0.0)
    return Audio(scaled.astype(np.float32), RATE)


def _coloured(rng: np.random.Generator, slope: float) -> Samples:
    """Noise whose amplitude falls with frequency to the power of -slope."""
    spectrum = np.fft.rfft(rng.standard_normal(_n()))
    frequencies = np.maximum(np.fft.rfftfreq(_n(), 1 / RATE), 20)
    shaped: Samples = np.fft.irfft(spectrum / frequencies**slope, _n())
    return shaped


def _hum(rng: np.random.Generator) -> Samples:
    """Mains hum: 50 or 60 Hz with falling harmonics."""
    base = rng.choice([50.0, 60.0])
    parts = [np.sin(2 * np.pi * base * k * _time()) / k**2 for k in range(1, 9)]
    total: Samples = np.sum(parts, axis=0)
    return total


def _voice(rng: np.random.Generator) -> Samples:
    """Speech-like: a gliding buzz through three moving formants, in syllables."""
    time = _time()
    pitch = rng.uniform(90, 240) * (1 + 0.15 * _drift(rng, 2.0))
    buzz = signal.sawtooth(2 * np.pi * np.cumsum(pitch) / RATE)
    voice = np.zeros(_n())
    for low, high in ((300, 900), (900, 2400), (2200, 3400)):
        centre = rng.uniform(low, high)
        band = signal.butter(2, [centre * 0.85, centre * 1.15], "bandpass", fs=RATE, output="sos")
        voice += signal.sosfilt(band, buzz) * (1 + 0.8 * _drift(rng, 5.0))
    syllables = np.clip(np.sin(2 * np.pi * rng.uniform(2.5, 5) * time + rng.uniform(0, 6)), 0, 1)
    spoken: Samples = voice * syllables
    return spoken


def _drift(rng: np.random.Generator, per_s: float) -> Samples:
    """A smooth curve within about -1 to 1 that turns a few times a second."""
    points = rng.uniform(-1, 1, round(SECONDS * per_s) + 2)
    curve: Samples = np.interp(_time() * per_s, np.arange(len(points)), points)
    return curve
