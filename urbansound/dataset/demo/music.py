"""Street music: a melody over chords, plucked, squeezed or bowed, with bass and drum."""

from dataclasses import dataclass

import numpy as np

from urbansound.dataset.demo.synth import (
    SAMPLE_RATE,
    Samples,
    bins,
    fast_size,
    harmonics,
    high_pass,
    low_pass,
    noise,
    peaks,
    phase_of,
    place,
    read,
    seconds,
    strike,
    swell,
    times,
    unit,
    wavetable,
)

MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)
PROGRESSIONS = ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (0, 0, 3, 4))


def pluck(rng: np.random.Generator, pitch: float, n: int, decay_s: float) -> Samples:
    """A plucked string, [n]: Karplus and Strong's loop, solved in the frequency domain.

    A burst of noise one period long runs round a delay with a gentle low-pass; the loop's
    response is 1 / (1 - loss * delay), so no sample has to wait for the one before.
    """
    size = fast_size(2 * n)
    frequencies = bins(size)
    per_turn = 10 ** (-3.0 / (decay_s * pitch))
    turn = (
        per_turn
        * low_pass(frequencies, 7000, 1) ** 0.12
        * np.exp(-2j * np.pi * frequencies / pitch)
    )
    period = round(SAMPLE_RATE / pitch)
    burst = rng.uniform(-1, 1, period)
    burst -= burst.mean()
    string = np.fft.irfft(
        np.fft.rfft(burst, size) / (1 - turn) * low_pass(frequencies, 4500, 1), size
    )
    return unit(string[:n]) * swell(n, 0.001, 0.03)


@dataclass(frozen=True)
class Busker:
    """One act: instrument, key, tempo, chords, whether bass and drum play along."""

    instrument: str
    root: float
    scale: tuple[int, ...]
    progression: tuple[int, ...]
    beat_s: float
    brightness: float
    chords: float
    bass: float
    drum: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Busker":
        """One act."""
        return cls(
            instrument=str(rng.choice(["guitar", "accordion", "fiddle", "brass"])),
            root=220.0 * 2 ** (int(rng.integers(-4, 6)) / 12),
            scale=MAJOR if rng.uniform() < 0.6 else MINOR,
            progression=PROGRESSIONS[int(rng.integers(0, len(PROGRESSIONS)))],
            beat_s=rng.uniform(0.36, 0.62),
            brightness=rng.uniform(0.0, 1.0),
            chords=rng.uniform(0.3, 0.7),
            bass=float(rng.choice([0.0, 0.6, 0.9, 0.9])),
            drum=float(rng.choice([0.0, 0.4, 0.7, 0.9])),
        )

    def render(self, rng: np.random.Generator, n: int) -> Samples:
        """Some bars of the piece, [n]."""
        sound = np.zeros(n)
        first = int(rng.integers(0, 16))
        step = int(rng.integers(2, 8))
        for beat in range(int(n / SAMPLE_RATE / self.beat_s) + 1):
            at = seconds(beat * self.beat_s)
            chord = self.progression[(first + beat) // 4 % len(self.progression)]
            self._accompany(rng, sound, at, chord, (first + beat) % 4)
            step = self._sing(rng, sound, at, chord, step)
        return sound

    def _pitch(self, degree: int) -> float:
        octave, index = divmod(degree, len(self.scale))
        return float(self.root * 2 ** (octave + self.scale[index] / 12))

    def _sing(
        self, rng: np.random.Generator, sound: Samples, at: int, chord: int, step: int
    ) -> int:
        """One beat of melody, in one note or two; the scale step it ends on."""
        notes = 2 if rng.uniform() < 0.5 else 1
        for k in range(notes):
            step = int(np.clip(step + rng.choice([-2, -1, -1, 1, 1, 2]), 2, 13))
            if k == 0 and rng.uniform() < 0.5:
                step = chord + int(rng.choice([2, 4, 7]))
            length = seconds(self.beat_s / notes * 0.95)
            place(
                sound, self._note(rng, self._pitch(step), length), at + k * seconds(self.beat_s / 2)
            )
        return step

    def _accompany(
        self, rng: np.random.Generator, sound: Samples, at: int, chord: int, beat: int
    ) -> None:
        length = seconds(self.beat_s * 1.4)
        if beat % 2 == 0 or self.instrument == "guitar":
            for third in (0, 2, 4):
                string = self._chord_note(rng, self._pitch(chord + third), length)
                place(sound, self.chords * 0.6 * string, at + seconds(0.012) * third)
        if self.bass and beat % 2 == 0:
            place(sound, self.bass * pluck(rng, self._pitch(chord) / 2, length, 0.9), at)
        if self.drum:
            place(sound, self.drum * _drum(rng, beat), at)
            place(sound, self.drum * 0.25 * _hat(rng), at + seconds(self.beat_s / 2))

    def _chord_note(self, rng: np.random.Generator, pitch: float, n: int) -> Samples:
        if self.instrument in ("accordion", "brass"):
            return 0.6 * self._note(rng, pitch, n)
        return pluck(rng, pitch, n, 1.0)

    def _note(self, rng: np.random.Generator, pitch: float, n: int) -> Samples:
        if self.instrument == "guitar":
            return 1.4 * pluck(rng, pitch, n, 1.6)
        vibrato = 0.006 if self.instrument == "fiddle" else 0.0015
        phase = phase_of(pitch * (1 + vibrato * np.sin(2 * np.pi * 5.6 * times(n))), n)
        table = self._table(pitch)
        sound = read(table, phase)
        if self.instrument == "accordion":
            sound = 0.7 * (sound + read(table, phase * 1.006))
        attack = {"accordion": 0.03, "fiddle": 0.06, "brass": 0.025}[self.instrument]
        return sound * swell(n, attack, 0.05)

    def _table(self, pitch: float) -> Samples:
        numbers = harmonics(pitch, 9000)
        frequencies = numbers * pitch
        bodies = {
            "accordion": [(900.0, 1200.0, 1.0), (2600.0, 1500.0, 0.6)],
            "fiddle": [(480.0, 250.0, 1.0), (1100.0, 600.0, 0.8), (2900.0, 1400.0, 0.7)],
            "brass": [(800.0, 1500.0, 1.0), (1600.0, 1500.0, 0.5)],
        }
        body = 0.15 + peaks(frequencies, bodies[self.instrument])
        return wavetable(numbers ** -(1.5 - 0.6 * self.brightness) * body)


def _drum(rng: np.random.Generator, beat: int) -> Samples:
    n = seconds(0.25)
    if beat % 2 == 0:
        fall = 55 + 90 * np.exp(-times(n) / 0.03)
        return 2.2 * np.sin(2 * np.pi * phase_of(fall, n)) * strike(n, 0.002, 0.07)
    snare = noise(rng, n, lambda f: peaks(f, [(220, 150, 0.5), (3500, 5000, 1.0)]))
    return 1.1 * snare * strike(n, 0.001, 0.05)


def _hat(rng: np.random.Generator) -> Samples:
    n = seconds(0.08)
    return noise(rng, n, lambda f: high_pass(f, 6000, 3)) * strike(n, 0.001, 0.018)
