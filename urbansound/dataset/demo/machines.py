"""Machines that run on: air conditioner, drill, idling engine, jackhammer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.demo.synth import (
    SAMPLE_RATE,
    TABLE_SIZE,
    Samples,
    closed,
    drift,
    filtered,
    harmonics,
    high_pass,
    log_uniform,
    noise,
    peaks,
    phase_of,
    read,
    ringing,
    seconds,
    slope,
    times,
    tone,
    unit,
)


@dataclass(frozen=True)
class AirConditioner:
    """A blower: motor hum, blade tone, and air rushing through a duct with a slow flutter."""

    mains_hz: float
    blade_hz: float
    hum: float
    tilt: float
    duct: tuple[tuple[float, float, float], ...]
    flutter_hz: float
    flutter: float
    rattle: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "AirConditioner":
        """One unit."""
        first = rng.uniform(180, 420)
        duct = tuple((first * k, first * 0.35, rng.uniform(0.5, 2.0)) for k in (1.0, 2.1, 3.3))
        return cls(
            mains_hz=float(rng.choice([100.0, 120.0])) * rng.uniform(0.985, 1.0),
            blade_hz=rng.uniform(38, 95),
            hum=rng.uniform(0.35, 1.3),
            tilt=rng.uniform(-8.5, -4.5),
            duct=duct,
            flutter_hz=rng.uniform(0.4, 2.5),
            flutter=rng.uniform(0.03, 0.2),
            rattle=rng.uniform(0.0, 0.25),
        )

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """A stretch of its running, [n]."""
        air = noise(
            rng,
            n,
            lambda f: slope(f, self.tilt) * (1 + peaks(f, self.duct)) * high_pass(f, 50, 1),
        )
        beat = 1 + self.flutter * np.sin(2 * np.pi * (self.flutter_hz * times(n) + rng.uniform()))
        steady = 1 + 0.003 * drift(rng, n, 1.5)
        motor = tone(self.mains_hz * steady, n, harmonics(self.mains_hz, 1800) ** -1.3)
        blades = tone(self.blade_hz * steady, n, harmonics(self.blade_hz, 900) ** -0.9)
        hum = motor * (1 + 0.15 * drift(rng, n, 3)) + 0.7 * blades
        buzz = noise(rng, n, lambda f: peaks(f, [(1400, 600, 1.0), (3100, 900, 0.5)]))
        gate = np.maximum(0.0, np.sin(2 * np.pi * phase_of(self.mains_hz / 4, n))) ** 6
        return np.asarray(air * beat + self.hum * hum + self.rattle * buzz * gate)


@dataclass(frozen=True)
class Drill:
    """An electric drill: motor whine and gear mesh that sag under load, and the bit's grind."""

    motor_hz: float
    teeth: float
    whine: float
    grind_hz: float
    grind: float
    hammer_hz: float
    hammer: float
    sag: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Drill":
        """One drill, with or without hammer action."""
        return cls(
            motor_hz=log_uniform(rng, 150, 420),
            teeth=float(rng.integers(5, 11)),
            whine=rng.uniform(0.6, 1.6),
            grind_hz=log_uniform(rng, 1500, 4500),
            grind=rng.uniform(0.5, 1.3),
            hammer_hz=rng.uniform(38, 60),
            hammer=float(rng.choice([0.0, 0.9], p=[0.6, 0.4])),
            sag=rng.uniform(0.08, 0.3),
        )

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """A stretch of drilling, the bit pressed in and let go, [n]."""
        load = np.clip(0.65 + 0.6 * drift(rng, n, rng.uniform(0.5, 1.2)), 0.0, 1.0)
        power = self._power(rng, n)
        speed = self.motor_hz * power * (1.0 - self.sag * load + 0.008 * drift(rng, n, 25))
        turns = phase_of(speed, n)
        numbers = harmonics(self.motor_hz, 8000)
        comb = numbers**-0.8 + 0.8 * peaks(
            numbers, [(self.teeth, 1, 1.0), (2 * self.teeth, 1, 0.5)]
        )
        whine = read(_whine_table(comb), turns)
        rough = 1 + 0.5 * np.sin(2 * np.pi * turns) * load
        grind = noise(
            rng,
            n,
            lambda f: peaks(
                f, [(self.grind_hz, 2200, 1.0), (self.grind_hz * 1.9, 2500, 0.7), (700, 600, 0.25)]
            ),
        )
        blows = (1 - phase_of(self.hammer_hz * (1 - 0.3 * self.sag * load), n) % 1.0) ** 4
        knock = 1 + self.hammer * load * (3.0 * blows - 0.6)
        work = self.grind * grind * rough * (0.25 + load) * knock
        return np.asarray((self.whine * whine + work) * power**2)

    def _power(self, rng: np.random.Generator, n: int) -> Samples:
        """The motor's speed between 0 and 1: at times the trigger is let go and pulled again."""
        power = np.ones(n)
        if rng.uniform() < 0.35:
            at = rng.uniform(0.15, 0.75) * n / SAMPLE_RATE
            gap = times(n) - at
            slowing = np.exp(-np.maximum(gap, 0.0) / 0.25)
            pulled = np.clip((gap - 0.45) / 0.3, 0.0, 1.0)
            power = np.maximum(slowing, pulled)
        return power


def _whine_table(comb: Samples) -> Samples:
    spectrum = np.zeros(TABLE_SIZE // 2 + 1, dtype=np.complex128)
    numbers = np.arange(1, len(comb) + 1)
    spectrum[numbers] = comb * np.exp(2.4j * numbers**2)
    return closed(unit(np.fft.irfft(spectrum)))


@dataclass(frozen=True)
class Engine:
    """An idling engine: uneven firing pulses through an exhaust, valve clatter, a belt."""

    firing_hz: float
    cylinders: tuple[float, ...]
    exhaust: tuple[tuple[float, float, float], ...]
    clatter: float
    clatter_hz: float
    rattle: float
    belt: float
    wobble: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Engine":
        """One engine, petrol or diesel."""
        pipe = rng.uniform(55, 130)
        modes = (
            (pipe, 4.0, 1.0),
            (pipe * 2.1, 5.0, 0.8),
            (pipe * 4.3, 4.0, 0.8),
            (rng.uniform(600, 1000), 2.0, 0.5),
        )
        return cls(
            firing_hz=rng.uniform(20, 35),
            cylinders=tuple(rng.uniform(0.65, 1.0, 4)),
            exhaust=modes,
            clatter=log_uniform(rng, 0.2, 1.0),
            clatter_hz=rng.uniform(1300, 3000),
            rattle=rng.uniform(0.0, 0.3),
            belt=rng.uniform(0.0, 0.12),
            wobble=rng.uniform(0.008, 0.03),
        )

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """A stretch of idling, [n]."""
        speed = self.firing_hz * (1 + self.wobble * (drift(rng, n, 9) + drift(rng, n, 1)))
        firing = phase_of(speed, n) + rng.uniform(0, 4)
        pulses = read(_cycle_of(self.cylinders, 14.0), firing / 4)
        exhaust = unit(filtered(pulses - pulses.mean(), lambda f: ringing(f, self.exhaust)))
        knock = read(_cycle_of(self.cylinders[::-1], 7.0), firing / 4 + 0.06)
        hiss = noise(
            rng,
            n,
            lambda f: peaks(f, [(self.clatter_hz, 1400, 1.0), (self.clatter_hz * 2.1, 1800, 0.4)]),
        )
        breath = noise(rng, n, lambda f: slope(f, -7.0, 120) * high_pass(f, 40))
        loose = np.maximum(0.0, np.sin(2 * np.pi * firing / 2)) ** 8 * noise(
            rng, n, lambda f: peaks(f, [(2600, 500, 1.0), (4200, 700, 0.6)])
        )
        belt = tone(speed * 29.0, n, np.array([1.0, 0.3]))
        top = self.clatter * hiss * (0.12 + knock) + self.rattle * loose + self.belt * belt
        return exhaust * (1 + 0.12 * drift(rng, n, 6)) + 0.25 * breath + 0.5 * top


def _cycle_of(heights: tuple[float, ...], steepness: float) -> Samples:
    """One engine cycle as a table: a pulse a cylinder, each with its own height."""
    position = np.arange(TABLE_SIZE) / TABLE_SIZE * len(heights)
    within = position % 1.0
    shape = np.minimum(1.0, within * 40) * np.exp(-steepness * within)
    return closed(np.asarray(heights)[position.astype(np.int64)] * shape)


@dataclass(frozen=True)
class Jackhammer:
    """A pneumatic hammer: metallic blows at a steady rate, exhaust air, flying debris."""

    rate_hz: float
    modes: tuple[tuple[float, float, float], ...]
    thud_hz: float
    thud: float
    debris: float
    exhaust: float
    pauses: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Jackhammer":
        """One hammer on one ground."""
        base = log_uniform(rng, 420, 1100)
        ratios = (1.0, 2.32, 3.85, 5.6, 7.4)
        modes = tuple(
            (
                min(base * r * rng.uniform(0.95, 1.05), 9000.0),
                rng.uniform(12, 30),
                1.0 / (1 + 0.3 * i),
            )
            for i, r in enumerate(ratios)
        )
        return cls(
            rate_hz=rng.uniform(12, 28),
            modes=modes,
            thud_hz=rng.uniform(70, 160),
            thud=rng.uniform(0.3, 1.2),
            debris=rng.uniform(0.3, 1.0),
            exhaust=rng.uniform(0.1, 0.5),
            pauses=bool(rng.uniform() < 0.35),
        )

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """A stretch of hammering, sometimes with a pause, [n]."""
        working = self._working(rng, n)
        blows = _blows(rng, n, self.rate_hz * (1 + 0.02 * drift(rng, n, 1.0))) * working
        metal = filtered(blows, lambda f: ringing(f, self.modes))
        thud = filtered(blows, lambda f: ringing(f, [(self.thud_hz, 2.5, 1.0)]))
        cloud = filtered(blows, _settling)
        chips = noise(rng, n, lambda f: peaks(f, [(2200, 2500, 1.0), (5000, 3000, 0.4)]))
        air = noise(rng, n, lambda f: slope(f, -2.0, 500) * high_pass(f, 200, 1))
        hit = unit(metal) + self.thud * unit(thud) + self.debris * unit(chips * cloud)
        return hit + self.exhaust * air * (0.3 + 0.7 * working)

    def _working(self, rng: np.random.Generator, n: int) -> Samples:
        on = np.ones(n)
        if self.pauses and rng.uniform() < 0.6:
            length = seconds(rng.uniform(0.5, 1.2))
            at = int(rng.uniform(0.3, 0.9) * n)
            on[at : at + length] = 0.0
        return on


def _settling(frequencies: Samples) -> NDArray[np.complex128]:
    """A cloud of dust's response to a blow: it thins out over some 12 ms."""
    return np.asarray(1.0 / (1.0 + 2j * np.pi * 0.012 * frequencies), dtype=np.complex128)


def _blows(rng: np.random.Generator, n: int, rate: Samples) -> Samples:
    """Impulses [n] at about `rate` per second, each a little early or late, strong or weak."""
    steps = np.floor(phase_of(rate, n) + rng.uniform())
    at = np.flatnonzero(np.diff(steps, prepend=steps[:1]) > 0)
    late = np.rint(rng.normal(0.0, 0.0018 * SAMPLE_RATE, len(at))).astype(np.int64)
    blows = np.zeros(n)
    np.add.at(blows, np.clip(at + late, 0, n - 1), rng.uniform(0.65, 1.0, len(at)))
    return blows
