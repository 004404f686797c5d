"""What lies between a source and the file: the place, the street's noise, the microphone."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.demo.horns import CarHorn, Siren
from urbansound.dataset.demo.machines import AirConditioner, Drill, Engine, Jackhammer
from urbansound.dataset.demo.music import Busker
from urbansound.dataset.demo.shots import Gun
from urbansound.dataset.demo.synth import (
    SAMPLE_RATE,
    Samples,
    bins,
    drift,
    fast_size,
    gain,
    high_pass,
    log_uniform,
    low_pass,
    noise,
    seconds,
    slope,
    times,
)
from urbansound.dataset.demo.voices import Children, Dog

ROOM_S = 0.5


class Source(Protocol):
    """Something that sounds, with its parameters fixed."""

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """A stretch of its sound, [n]."""


# In the order of the class numbers.
SOURCES = (
    AirConditioner,
    CarHorn,
    Children,
    Dog,
    Drill,
    Engine,
    Gun,
    Jackhammer,
    Siren,
    Busker,
)
NEIGHBOURS = (0, 2, 3, 5, 8, 9)


def draw_source(rng: np.random.Generator, class_id: int) -> Source:
    """A source of this class with its own parameters."""
    source: Source = SOURCES[class_id].draw(rng)
    return source


@dataclass(frozen=True, eq=False)
class Room:
    """An impulse response [seconds(ROOM_S)]: the direct sound, some walls, a fading tail."""

    response: Samples

    @classmethod
    def draw(cls, rng: np.random.Generator, wet: float) -> "Room":
        """A street, yard or hall; `wet` is how strong the tail is against the direct sound."""
        n = seconds(ROOM_S)
        fade_s = log_uniform(rng, 0.03, 0.16)
        damping = rng.uniform(1800, 5000)
        tail = noise(rng, n, lambda f: low_pass(f, damping, 1) * high_pass(f, 80, 1))
        tail *= np.exp(-times(n) / fade_s) * (times(n) > 0.004)
        response = wet * tail / np.sqrt(np.sum(tail**2))
        response[0] += 1.0
        for delay in rng.integers(seconds(0.003), seconds(0.06), 5):
            response[delay] += wet * rng.uniform(-0.4, 0.4)
        return cls(response)


@dataclass(frozen=True)
class Microphone:
    """A recorder's colour: where it begins and ends to hear, its tilt and its bumps."""

    low_hz: float
    high_hz: float
    tilt: float
    bumps: tuple[tuple[float, float, float], ...]

    @classmethod
    def draw(cls, rng: np.random.Generator, colour: float) -> "Microphone":
        """A recorder; `colour` 0 is a flat one, 1 a telephone held in a pocket."""
        bumps = tuple(
            (log_uniform(rng, 150, 7000), rng.uniform(0.4, 1.4), rng.uniform(-11, 11) * colour)
            for _ in range(3)
        )
        return cls(
            low_hz=log_uniform(rng, 25, 25 + 200 * colour),
            high_hz=11000.0 * log_uniform(rng, 1.0 - 0.72 * colour, 1.0),
            tilt=rng.uniform(-3.2, 3.2) * colour,
            bumps=bumps,
        )

    def curve(self, f: Samples) -> Samples:
        """Its magnitude at each frequency."""
        octaves = np.log2(np.maximum(f, 20.0))
        level = self.tilt * (octaves - np.log2(1000.0))
        for centre, width, height in self.bumps:
            level += height * np.exp(-(((octaves - np.log2(centre)) / width) ** 2))
        flat = high_pass(f, self.low_hz, 1) * low_pass(f, self.high_hz, 3)
        return np.asarray(flat * 10 ** (level / 20))


@dataclass(frozen=True)
class Street:
    """The noise behind a recording: traffic's rumble, passing cars, birds, hiss, a neighbour."""

    tilt: float
    knee: float
    cars: float
    birds: float
    hiss: float
    neighbour: Source | None
    neighbour_level: float

    @classmethod
    def draw(cls, rng: np.random.Generator, class_id: int, busy: float) -> "Street":
        """A street with, by the chance `busy`, another of the ten sounds in the distance."""
        other = int(rng.choice([k for k in NEIGHBOURS if k != class_id]))
        neighbour = draw_source(rng, other)
        return cls(
            tilt=rng.uniform(-8.0, -3.0),
            knee=log_uniform(rng, 60, 300),
            cars=rng.uniform(0.0, 0.5),
            birds=float(max(0.0, rng.uniform(-0.4, 0.35))),
            hiss=log_uniform(rng, 0.004, 0.06),
            neighbour=neighbour if rng.uniform() < busy else None,
            neighbour_level=rng.uniform(0.35, 1.1),
        )

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """A stretch of it, [n], of about unit RMS."""
        rumble = noise(rng, n, lambda f: slope(f, self.tilt, self.knee) * high_pass(f, 30))
        sound = rumble * (1 + self.cars * drift(rng, n, 0.7)) + self.hiss * rng.standard_normal(n)
        if self.birds:
            sound += self.birds * _birds(rng, n)
        if self.neighbour is not None:
            far = self.neighbour.render(rng, n)
            sound += self.neighbour_level * far / max(loudness(far), 1e-9)
        return sound / max(loudness(sound), 1e-9)


def _birds(rng: np.random.Generator, n: int) -> Samples:
    centre = rng.uniform(2800, 5200)
    song = centre * (1 + 0.18 * drift(rng, n, 14))
    calls = np.maximum(0.0, drift(rng, n, 5)) ** 1.5
    return np.asarray(np.sin(2 * np.pi * np.cumsum(song) / SAMPLE_RATE) * calls)


def loudness(sound: Samples) -> float:
    """RMS of the loud parts: the 90th percentile over stretches of 50 ms, at least the mean's."""
    step = seconds(0.05)
    whole = sound[: max(len(sound) // step, 1) * step]
    power = np.mean(whole.reshape(-1, min(step, len(whole))) ** 2, axis=1)
    return float(np.sqrt(max(np.percentile(power, 90), np.mean(power))))


@dataclass(frozen=True, eq=False)
class Scene:
    """One recording's whole setting. `snr_db` is the source's loudness over the street's."""

    source: Source
    room: Room
    street: Street
    microphone: Microphone
    snr_db: float
    peak_db: float

    def render(self, rng: np.random.Generator, n: int) -> NDArray[np.int16]:
        """One clip of the recording, int16 [n]."""
        sound = self.source.render(rng, n)
        sound = sound / max(loudness(sound), 1e-9)
        street = self.street.render(rng, n)
        size = fast_size(n + len(self.room.response))
        heard = np.fft.rfft(sound, size) * np.fft.rfft(self.room.response, size)
        around = np.fft.rfft(street, size) * gain(-self.snr_db)
        colour = self.microphone.curve(bins(size))
        mixed = np.fft.irfft((heard + around) * colour, size)[:n]
        mixed *= gain(self.peak_db - rng.uniform(0.0, 1.5)) / np.max(np.abs(mixed))
        return np.rint(mixed * 32767).astype(np.int16)
