"""Signals made to be heard: car horns and sirens."""

from dataclasses import dataclass

import numpy as np

from urbansound.dataset.demo.synth import (
    SAMPLE_RATE,
    Samples,
    drift,
    harmonics,
    log_uniform,
    low_pass,
    peaks,
    phase_of,
    place,
    read,
    seconds,
    swell,
    times,
    wavetable,
)


@dataclass(frozen=True)
class CarHorn:
    """Two reeds about a third apart, slightly detuned, behind a grille; and a driver's habit."""

    low_hz: float
    interval: float
    brightness: float
    grille_hz: float
    honk_s: float
    gap_s: float
    second: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "CarHorn":
        """One car, sometimes a lorry."""
        lorry = rng.uniform() < 0.2
        return cls(
            low_hz=log_uniform(rng, 170, 260) if lorry else log_uniform(rng, 330, 460),
            interval=float(rng.choice([1.19, 1.25, 1.26, 1.33])) * rng.uniform(0.99, 1.01),
            brightness=rng.uniform(0.1, 0.7),
            grille_hz=rng.uniform(1200, 2900),
            honk_s=log_uniform(rng, 0.25, 2.2),
            gap_s=rng.uniform(0.1, 0.35),
            second=rng.uniform(0.5, 1.0),
        )

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """Honks one after another, [n]; in a short clip a single one."""
        sound = np.zeros(n)
        at = seconds(rng.uniform(0.0, 0.05))
        while at < n * 0.8:
            length = max(seconds(self.honk_s * rng.uniform(0.7, 1.4)), seconds(0.12))
            place(sound, self._honk(rng, min(length, max(n - at, 200))), at)
            at += length + seconds(self.gap_s * rng.uniform(0.6, 1.8))
        return sound

    def _honk(self, rng: np.random.Generator, n: int) -> Samples:
        start = 1 - 0.05 * np.exp(-times(n) / 0.02)
        sound = np.zeros(n)
        for pitch, level in ((self.low_hz, 1.0), (self.low_hz * self.interval, self.second)):
            steady = pitch * start * (1 + 0.002 * drift(rng, n, 8))
            sound += level * read(self._reed(pitch), phase_of(steady, n) + rng.uniform())
        return sound * swell(n, 0.015, 0.04)

    def _reed(self, pitch: float) -> Samples:
        numbers = harmonics(pitch, 8500)
        frequencies = numbers * pitch
        body = numbers ** -(1.3 - self.brightness)
        grille = 0.2 + peaks(frequencies, [(self.grille_hz, 1500, 1.4)])
        return wavetable(body * grille * low_pass(frequencies, 3300, 3))


@dataclass(frozen=True)
class Siren:
    """An electronic siren on a moving car: wail, yelp or two tones through a horn speaker."""

    kind: str
    low_hz: float
    high_hz: float
    rate_hz: float
    brightness: float
    horn_hz: float
    speed: float
    echo_s: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Siren":
        """One siren."""
        kind = str(rng.choice(["wail", "yelp", "hi-lo"], p=[0.45, 0.3, 0.25]))
        slow, fast = {"wail": (0.18, 0.45), "yelp": (2.2, 4.2), "hi-lo": (0.7, 1.3)}[kind]
        low = rng.uniform(420, 700)
        span = rng.uniform(1.25, 1.42) if kind == "hi-lo" else rng.uniform(1.8, 2.6)
        return cls(
            kind=kind,
            low_hz=low,
            high_hz=low * span,
            rate_hz=rng.uniform(slow, fast),
            brightness=rng.uniform(0.3, 1.1),
            horn_hz=rng.uniform(1000, 2200),
            speed=rng.uniform(-0.04, 0.04),
            echo_s=rng.uniform(0.03, 0.12),
        )

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """A stretch of wailing with a house wall's echo, [n]."""
        pitch = self._pitch(times(n) * self.rate_hz + rng.uniform())
        passing = 1 - self.speed * np.tanh((times(n) - rng.uniform(0, 4)) / 1.2)
        phase = phase_of(pitch * passing, n)
        low, high = self._table(self.low_hz), self._table(self.high_hz)
        mix = np.clip((pitch - self.low_hz) / (self.high_hz - self.low_hz), 0, 1)
        sound = (1 - mix) * read(low, phase) + mix * read(high, phase)
        sound *= 1 + 0.2 * drift(rng, n, 0.8)
        delay = int(self.echo_s * SAMPLE_RATE)
        echo = np.concatenate([np.zeros(delay), sound])[:n]
        return sound + 0.3 * echo

    def _pitch(self, turn: Samples) -> Samples:
        within = turn % 1.0
        if self.kind == "hi-lo":
            return np.where(within < 0.5, self.low_hz, self.high_hz)
        rise = 0.6 if self.kind == "wail" else 0.7
        up = np.minimum(within / rise, 1.0)
        down = np.clip((within - rise) / (1 - rise), 0.0, 1.0)
        height = np.sin(np.pi / 2 * up) * (1 - down**0.8)
        return np.asarray(self.low_hz * (self.high_hz / self.low_hz) ** height)

    def _table(self, pitch: float) -> Samples:
        numbers = harmonics(pitch, 8000)
        frequencies = numbers * pitch
        odd = np.where(numbers % 2 == 1, 1.0, 0.45)
        speaker = 0.15 + peaks(frequencies, [(self.horn_hz, 1300, 1.0), (3300, 1500, 0.5)])
        return wavetable(odd * numbers ** -(1.9 - self.brightness) * speaker)
