"""Throats: children at play and barking dogs, both a pulse train through formants."""

from dataclasses import dataclass

import numpy as np

from urbansound.dataset.demo.synth import (
    Samples,
    drift,
    harmonics,
    high_pass,
    log_uniform,
    low_pass,
    noise,
    peaks,
    phase_of,
    place,
    read,
    seconds,
    slope,
    strike,
    swell,
    wavetable,
)

# First three formants in Hz of a child of about six; adults lie a quarter lower.
VOWELS = (
    (1000.0, 1600.0, 3400.0),
    (700.0, 2450.0, 3500.0),
    (420.0, 3150.0, 3900.0),
    (660.0, 1200.0, 3300.0),
    (460.0, 1350.0, 3200.0),
    (820.0, 2000.0, 3400.0),
)
HEIGHTS = (1.0, 0.65, 0.35)


def throat(pitch: float, formants: tuple[float, ...], tilt: float, width: float) -> Samples:
    """A wavetable of a voice at `pitch` with these formants and source tilt in dB per octave."""
    frequencies = harmonics(pitch) * pitch
    bumps = [(f, width + 0.06 * f, h) for f, h in zip(formants, HEIGHTS, strict=False)]
    return wavetable(slope(frequencies, tilt, 300) * (0.03 + peaks(frequencies, bumps)), pulse=True)


@dataclass(frozen=True)
class Child:
    """One child: the pitch and size of its voice and how near it stands."""

    pitch: float
    size: float
    near: float
    excited: float


@dataclass(frozen=True)
class Children:
    """Several children at once: chatter, shouts and laughter over a playground's babble."""

    group: tuple[Child, ...]
    bustle: float
    babble: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Children":
        """One playground."""
        group = tuple(
            Child(
                pitch=log_uniform(rng, 260, 460),
                size=rng.uniform(0.88, 1.12),
                near=float(rng.choice([1.0, 0.6, 0.3])),
                excited=rng.uniform(),
            )
            for _ in range(int(rng.integers(3, 6)))
        )
        return cls(group=group, bustle=rng.uniform(0.7, 1.3), babble=rng.uniform(0.05, 0.3))

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """A stretch of play, [n]."""
        sound = np.zeros(n)
        for child in self.group:
            at = int(rng.uniform(-0.3, 0.5) * seconds(1.0))
            while at < n:
                said = _utterance(rng, child)
                place(sound, child.near * said, at)
                at += len(said) + int(seconds(rng.uniform(0.1, 1.1)) / self.bustle)
        murmur = noise(
            rng, n, lambda f: peaks(f, [(700, 500, 1.0), (1500, 900, 0.5), (3100, 1200, 0.2)])
        )
        syllables = np.maximum(0.1, 0.6 + drift(rng, n, 6) + 0.4 * drift(rng, n, 15))
        return sound + self.babble * murmur * syllables


def _utterance(rng: np.random.Generator, child: Child) -> Samples:
    kind = rng.uniform()
    if kind < 0.2 + 0.25 * child.excited:
        return _shout(rng, child)
    if kind < 0.6:
        return _laugh(rng, child)
    return _chatter(rng, child)


def _syllable(
    rng: np.random.Generator, child: Child, n: int, pitch: Samples, *, tilt: float = -7.0
) -> Samples:
    """A vowel gliding into another along the pitch curve [n], with some breath."""
    first, second = (VOWELS[i] for i in rng.integers(0, len(VOWELS), 2))
    middle = float(pitch[n // 2])
    phase = phase_of(pitch * (1 + 0.012 * drift(rng, n, 40)), n)
    glide = np.linspace(0, 1, n)
    tables = [
        throat(middle, tuple(f * child.size for f in vowel), tilt, 110.0)
        for vowel in (first, second)
    ]
    voice = (1 - glide) * read(tables[0], phase) + glide * read(tables[1], phase)
    return voice + 0.04 * rng.standard_normal(n)


def _consonant(rng: np.random.Generator) -> Samples:
    n = seconds(rng.uniform(0.02, 0.08))
    centre = rng.uniform(2500, 7000)
    return 0.35 * noise(rng, n, lambda f: peaks(f, [(centre, 1800, 1.0)])) * swell(n, 0.008, 0.015)


def _chatter(rng: np.random.Generator, child: Child) -> Samples:
    parts: list[Samples] = []
    pitch = child.pitch * rng.uniform(0.95, 1.25)
    for _ in range(int(rng.integers(2, 6))):
        if rng.uniform() < 0.6:
            parts.append(_consonant(rng))
        n = seconds(rng.uniform(0.09, 0.22))
        ends = pitch * rng.uniform(0.88, 1.2, 2)
        curve = np.linspace(ends[0], ends[1], n)
        parts.append(_syllable(rng, child, n, curve) * swell(n, 0.02, 0.05) * rng.uniform(0.5, 1.0))
        pitch *= 0.97
    return np.concatenate(parts)


def _shout(rng: np.random.Generator, child: Child) -> Samples:
    n = seconds(rng.uniform(0.3, 0.85))
    top = child.pitch * rng.uniform(1.4, 2.2)
    rise = np.sin(np.pi * np.linspace(0.12, rng.uniform(0.75, 0.95), n))
    curve = top * (0.72 + 0.28 * rise)
    return 1.6 * _syllable(rng, child, n, curve, tilt=-4.0) * swell(n, 0.04, 0.12)


def _laugh(rng: np.random.Generator, child: Child) -> Samples:
    step = seconds(rng.uniform(0.15, 0.22))
    count = int(rng.integers(3, 8))
    sound = np.zeros(step * count)
    pitch = child.pitch * rng.uniform(1.2, 1.7)
    for k in range(count):
        n = int(step * 0.6)
        curve = np.linspace(pitch * 1.08, pitch * 0.9, n)
        ha = _syllable(rng, child, n, curve) + 0.2 * rng.standard_normal(n) * strike(n, 0.005, 0.02)
        place(sound, ha * swell(n, 0.025, 0.05) * 0.93**k, k * step)
        pitch *= rng.uniform(0.93, 1.0)
    return sound


@dataclass(frozen=True)
class Dog:
    """One dog: pitch and length of its throat, roughness, and how it barks in a row."""

    pitch: float
    throat: float
    length_s: float
    rough: float
    breath: float
    gap_s: float
    row: int
    growls: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Dog":
        """One dog, large to small."""
        small = rng.uniform()
        return cls(
            pitch=200.0 * 3.6**small * rng.uniform(0.9, 1.1),
            throat=0.75 + 0.6 * small + rng.uniform(-0.08, 0.08),
            length_s=rng.uniform(0.16, 0.3) - 0.07 * small,
            rough=rng.uniform(0.1, 0.5),
            breath=rng.uniform(0.1, 0.35),
            gap_s=rng.uniform(0.22, 0.55),
            row=int(rng.integers(1, 5)),
            growls=bool(rng.uniform() < 0.3),
        )

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """Barks in rows, [n]; a short clip holds one bark or two."""
        sound = np.zeros(n)
        at = int(rng.uniform(0.01, 0.06) * n)
        while at < n * 0.85:
            for _ in range(self.row):
                bark = self._bark(rng)
                if sound.any() and at + len(bark) > n:
                    return sound
                place(sound, bark * rng.uniform(0.7, 1.0), at)
                at += len(bark) + seconds(self.gap_s * rng.uniform(0.6, 1.2))
            if self.growls:
                growl = self._growl(rng)
                place(sound, growl, at)
                at += len(growl)
            at += seconds(rng.uniform(0.2, 0.9))
        return sound

    def _bark(self, rng: np.random.Generator) -> Samples:
        n = seconds(self.length_s * rng.uniform(0.85, 1.15))
        x = np.linspace(0, 1, n)
        arc = 0.62 + 0.55 * np.sin(np.pi * np.minimum(1.0, x * 1.15 + 0.12)) - 0.2 * x
        pitch = self.pitch * rng.uniform(0.94, 1.06) * arc
        phase = phase_of(pitch * (1 + 0.1 * self.rough * drift(rng, n, 120)), n)
        open_mouth = np.sin(np.pi * x**0.7) ** 0.8
        shut, wide = self._mouths()
        voice = (1 - open_mouth) * read(shut, phase) + open_mouth * read(wide, phase)
        voice *= 1 - self.rough * 0.6 * (0.5 + 0.5 * np.sin(np.pi * phase))
        bumps = [(1000 * self.throat, 600.0, 1.0), (2300 * self.throat, 900.0, 0.4)]
        breath = noise(rng, n, lambda f: peaks(f, bumps) * low_pass(f, 4000))
        shape = np.minimum(1.0, x / 0.07) * np.exp(-2.2 * x) * np.minimum(1.0, (1 - x) / 0.2)
        return np.asarray((voice + self.breath * breath) * shape * 1.5)

    def _mouths(self) -> tuple[Samples, Samples]:
        shut = tuple(f * self.throat for f in (420.0, 1050.0, 2300.0))
        wide = tuple(f * self.throat for f in (900.0, 1500.0, 2700.0))
        return throat(self.pitch, shut, -10.0, 160.0), throat(self.pitch, wide, -6.5, 200.0)

    def _growl(self, rng: np.random.Generator) -> Samples:
        n = seconds(rng.uniform(0.4, 0.9))
        phase = phase_of(self.pitch * 0.33 * (1 + 0.12 * drift(rng, n, 30)), n)
        bumps = tuple(f * self.throat for f in (380.0, 900.0, 2000.0))
        voice = read(throat(self.pitch * 0.33, bumps, -8.0, 250.0), phase)
        rasp = noise(rng, n, lambda f: peaks(f, [(500 * self.throat, 600, 1.0)]) * high_pass(f, 90))
        pulses = 0.4 + np.maximum(0.0, np.sin(2 * np.pi * phase))
        return 0.25 * (voice + 0.6 * rasp * pulses) * swell(n, 0.08, 0.15)
