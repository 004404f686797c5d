"""Gun shots: a shock wave, the muzzle's blast, and what the walls send back."""

from dataclasses import dataclass

import numpy as np

from urbansound.dataset.demo.synth import (
    Samples,
    high_pass,
    log_uniform,
    low_pass,
    noise,
    peaks,
    place,
    seconds,
    strike,
    swell,
    times,
)

TAIL_S = 2.2


@dataclass(frozen=True)
class Gun:
    """One weapon in one place: crack, blast, walls, and single shots or bursts."""

    crack: float
    crack_s: float
    blast_s: float
    blast_hz: float
    thump: float
    tail: float
    tail_s: float
    walls: tuple[tuple[float, float], ...]
    burst: int
    gap_s: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Gun":
        """A pistol to a rifle, a yard to an open field."""
        delays = np.sort(rng.uniform(0.04, 0.55, int(rng.integers(2, 5))))
        return cls(
            crack=rng.uniform(0.25, 0.9),
            crack_s=rng.uniform(0.0006, 0.002),
            blast_s=rng.uniform(0.015, 0.06),
            blast_hz=log_uniform(rng, 380, 1500),
            thump=rng.uniform(0.2, 0.9),
            tail=rng.uniform(0.06, 0.25),
            tail_s=rng.uniform(0.2, 0.5),
            walls=tuple((float(d), float(0.45 * np.exp(-d / 0.35))) for d in delays),
            burst=int(rng.choice([1, 1, 2, 3, 4, 7])),
            gap_s=rng.uniform(0.09, 0.7),
        )

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """Shots or bursts one after another, [n]; in a short clip often a single shot."""
        sound = np.zeros(n)
        shot = self._shot(rng)
        at = int(rng.uniform(0.01, 0.05) * n)
        while at < n:
            for _ in range(self.burst):
                place(sound, shot * rng.uniform(0.85, 1.0), at)
                at += seconds(max(0.08, self.gap_s * rng.uniform(0.85, 1.2)))
            at += seconds(rng.uniform(0.8, 2.0))
        return sound

    def _shot(self, rng: np.random.Generator) -> Samples:
        n = seconds(TAIL_S)
        near = self._blast(rng, n)
        sound = near.copy()
        for delay_s, level in self.walls:
            place(sound, level * self._blast(rng, n), seconds(delay_s))
        rumble = noise(rng, n, lambda f: low_pass(f, self.blast_hz, 1.5) * high_pass(f, 60))
        air = noise(rng, n, lambda f: high_pass(f, 600, 1) * low_pass(f, 2600, 1))
        tail = rumble * np.exp(-times(n) / self.tail_s) + 0.5 * air * np.exp(
            -times(n) / (0.3 * self.tail_s)
        )
        return (sound + self.tail * tail * np.minimum(1.0, times(n) / 0.03)) * swell(n, 1e-4, 0.6)

    def _blast(self, rng: np.random.Generator, n: int) -> Samples:
        sound = np.zeros(n)
        short = seconds(0.4)
        bumps = [
            (self.blast_hz * 0.5, self.blast_hz, 1.0),
            (self.blast_hz * 2, self.blast_hz * 3, 0.5),
        ]
        sound[:short] = noise(rng, short, lambda f: peaks(f, bumps)) * strike(
            short, 0.0005, self.blast_s
        )
        bright = noise(rng, short, lambda f: high_pass(f, 1500) * low_pass(f, 6000)) * strike(
            short, 0.0003, 0.006
        )
        thump = np.sin(2 * np.pi * 75 * times(short) * np.exp(-times(short) * 4)) * strike(
            short, 0.002, 0.07
        )
        sound[:short] += self.crack * bright + self.thump * thump
        wave = np.linspace(1.0, -1.0, max(8, seconds(2 * self.crack_s)))
        place(sound, 2.5 * self.crack * wave, 0)
        return sound
