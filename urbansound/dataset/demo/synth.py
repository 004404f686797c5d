"""The parts every sound is made of: wavetables, drifting curves, coloured noise, filters.

All signals are float64 [n] at SAMPLE_RATE. Frequencies are in Hz, times in seconds.
Filters work on spectra, so one call costs two transforms whatever the order.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 22050
TABLE_SIZE = 2048
FILTER_TAIL_S = 0.4

Samples = NDArray[np.float64]
Response = NDArray[np.float64] | NDArray[np.complex128]
Curve = Callable[[Samples], Samples]


def seconds(duration_s: float) -> int:
    """How many samples last `duration_s`."""
    return round(duration_s * SAMPLE_RATE)


def times(n: int) -> Samples:
    """The time of every sample, [n]."""
    return np.arange(n) / SAMPLE_RATE


def harmonics(frequency: float, limit_hz: float = 9500.0) -> Samples:
    """The harmonic numbers 1, 2, … of `frequency` that stay below `limit_hz`."""
    return np.arange(1.0, max(2.0, min(limit_hz / frequency, TABLE_SIZE / 2 - 1) + 1.0))


def wavetable(amplitudes: Samples, *, pulse: bool = False) -> Samples:
    """One cycle [TABLE_SIZE + 1] with these harmonic amplitudes, scaled to unit RMS.

    With `pulse` all harmonics peak together, as in a glottal or exhaust pulse; without,
    their phases spread quadratically, which keeps the peak low.
    """
    numbers = np.arange(1, len(amplitudes) + 1)
    spread = 0.0 if pulse else np.pi / len(amplitudes)
    spectrum = np.zeros(TABLE_SIZE // 2 + 1, dtype=np.complex128)
    spectrum[numbers] = amplitudes * np.exp(1j * spread * numbers**2)
    cycle = np.fft.irfft(spectrum)
    return closed(cycle / np.sqrt(np.mean(cycle**2)))


def closed(cycle: Samples) -> Samples:
    """The cycle with its first value repeated at the end, ready to be read."""
    return np.append(cycle, cycle[0])


def phase_of(frequency: Samples | float, n: int) -> Samples:
    """Running phase in cycles, [n], of a tone with this frequency at every sample."""
    return np.cumsum(np.broadcast_to(np.asarray(frequency, dtype=np.float64), (n,)) / SAMPLE_RATE)


def read(table: Samples, phase: Samples) -> Samples:
    """The table's value at each phase, between its points linearly."""
    position = (phase - np.floor(phase)) * TABLE_SIZE
    index = np.minimum(position.astype(np.int64), TABLE_SIZE - 1)
    left = table[index]
    return np.asarray(left + (table[index + 1] - left) * (position - index))


def tone(frequency: Samples | float, n: int, amplitudes: Samples) -> Samples:
    """A harmonic tone [n] of about unit RMS."""
    return read(wavetable(amplitudes), phase_of(frequency, n))


def drift(rng: np.random.Generator, n: int, rate_hz: float, depth: float = 1.0) -> Samples:
    """A curve [n] that wanders about zero within `depth`, turning `rate_hz` times a second."""
    points = rng.uniform(-depth, depth, int(n / SAMPLE_RATE * rate_hz) + 3)
    return np.interp(times(n) * rate_hz + rng.uniform(0, 1), np.arange(len(points)), points)


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between `low` and `high` whose logarithm is evenly spread."""
    return float(low * (high / low) ** rng.uniform())


def gain(level_db: float) -> float:
    """The amplitude factor of a level in dB."""
    return float(10.0 ** (level_db / 20.0))


def noise(rng: np.random.Generator, n: int, curve: Curve) -> Samples:
    """Gaussian noise [n] of unit RMS with the spectrum `curve(frequencies)`."""
    size = fast_size(n)
    frequencies = bins(size)
    parts = rng.standard_normal(2 * len(frequencies)).view(np.complex128)
    return unit(np.fft.irfft(parts * curve(frequencies), size)[:n])


def unit(sound: Samples) -> Samples:
    """The sound at unit RMS; silence stays silence."""
    return np.asarray(sound / max(float(np.sqrt(np.mean(sound**2))), 1e-12))


def fast_size(n: int) -> int:
    """A transform size of at least n with small prime factors."""
    step = 1 << max(0, n.bit_length() - 5)
    return -(-n // step) * step


def bins(size: int) -> Samples:
    """The frequencies of a real transform of this size, [size // 2 + 1]."""
    return np.asarray(np.arange(size // 2 + 1) * (SAMPLE_RATE / size), dtype=np.float64)


def filtered(sound: Samples, response: Callable[[Samples], Response]) -> Samples:
    """The sound through a filter given by its response at each frequency, [n].

    A complex response rings after its input as a real filter does; a real one is zero-phase.
    """
    n = len(sound)
    size = fast_size(n + seconds(FILTER_TAIL_S))
    frequencies = bins(size)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound, size) * response(frequencies), size)[:n])


def peaks(frequencies: Samples, bumps: Sequence[tuple[float, float, float]]) -> Samples:
    """Magnitudes of resonances side by side: each is (centre, bandwidth, height)."""
    total = np.zeros_like(frequencies)
    for centre, width, height in bumps:
        total += height / np.sqrt(1.0 + ((frequencies - centre) / (width / 2)) ** 2)
    return total


def ringing(
    frequencies: Samples, modes: Sequence[tuple[float, float, float]]
) -> NDArray[np.complex128]:
    """Complex response of resonators side by side: each is (centre, quality, height)."""
    total = np.zeros(len(frequencies), dtype=np.complex128)
    safe = np.maximum(frequencies, 1e-3)
    for centre, quality, height in modes:
        detuned = quality * (safe / centre - centre / safe)
        share = height / (1.0 + detuned**2)
        total.real += share
        total.imag -= share * detuned
    return total


def low_pass(frequencies: Samples, corner: float, order: float = 2.0) -> Samples:
    """Magnitude that falls above `corner`, by 6 dB per octave and order."""
    return np.asarray(1.0 / np.sqrt(1.0 + (frequencies / corner) ** (2 * order)))


def high_pass(frequencies: Samples, corner: float, order: float = 2.0) -> Samples:
    """Magnitude that falls below `corner`, by 6 dB per octave and order."""
    return low_pass(corner / np.maximum(frequencies, 1e-3), 1.0, order)


def slope(frequencies: Samples, db_per_octave: float, knee: float = 60.0) -> Samples:
    """Magnitude that tilts by so many dB per octave above `knee`, flat below it."""
    return np.asarray(np.maximum(frequencies / knee, 1.0) ** (db_per_octave / (20 * np.log10(2))))


def swell(n: int, attack_s: float, release_s: float) -> Samples:
    """An envelope [n] that rises, stays at one, and falls to zero at the end."""
    t = times(n)
    rise = np.minimum(1.0, t / attack_s)
    fall = np.minimum(1.0, (t[-1] - t) / release_s) if n else t
    return np.asarray(np.sin(np.pi / 2 * np.minimum(rise, fall)) ** 2)


def strike(n: int, attack_s: float, decay_s: float) -> Samples:
    """An envelope [n] that rises at once and dies away, `decay_s` being its time constant."""
    t = times(n)
    return np.asarray(np.minimum(1.0, t / attack_s) * np.exp(-t / decay_s))


def place(sound: Samples, burst: Samples, at: int) -> None:
    """Add the burst into the sound from sample `at`; what hangs over an end is dropped."""
    start, stop = max(at, 0), min(at + len(burst), len(sound))
    if start < stop:
        sound[start:stop] += burst[start - at : stop - at]
