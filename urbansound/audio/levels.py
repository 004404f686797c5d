"""How loud a sound is, and what is wrong with its wave, told piece by piece as it comes."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.signal import SILENCE_DB, is_clipped

# A clipped run may begin in the piece before.
_OVERLAP = 2


@dataclass(frozen=True)
class Levels:
    """The levels of a sound of n samples: lowest, highest and mean, 1.0 being full scale."""

    n: int = 0
    lowest: float = 0.0
    highest: float = 0.0
    mean: float = 0.0
    is_clipped: bool = False

    @property
    def peak(self) -> float:
        """The size of the loudest sample."""
        return max(-self.lowest, self.highest, 0.0)

    @property
    def peak_db(self) -> float:
        """The peak in dB below full scale (dBFS); -inf for digital silence."""
        return 20 * math.log10(self.peak) if self.peak > 0 else -math.inf

    @property
    def is_silent(self) -> bool:
        """Whether nothing moves by more than -60 dBFS: a constant is silence, too."""
        swing = max(self.highest - self.mean, self.mean - self.lowest)
        return swing <= 10 ** (SILENCE_DB / 20)

    @property
    def is_constant(self) -> bool:
        """Whether all samples have one value, as where a cable or a microphone is off."""
        return self.n > 0 and self.lowest == self.highest


class LevelMeter:
    """Takes a sound piece by piece as it comes, and knows the levels so far."""

    def __init__(self) -> None:
        self._levels = Levels()
        self._sum = 0.0
        self._end = np.empty(0, np.float32)

    @property
    def levels(self) -> Levels:
        """The levels of all that was added."""
        return self._levels

    def add(self, samples: NDArray[np.float32]) -> None:
        """Take the next samples [n] of the sound."""
        if len(samples) == 0:
            return
        before = self._levels
        lowest, highest = float(samples.min()), float(samples.max())
        if before.n:
            lowest, highest = min(lowest, before.lowest), max(highest, before.highest)
        self._sum += float(samples.sum(dtype=np.float64))
        n = before.n + len(samples)
        clipped = before.is_clipped or self._has_clipped(samples)
        self._levels = Levels(n, lowest, highest, self._sum / n, clipped)

    def _has_clipped(self, samples: NDArray[np.float32]) -> bool:
        joined = np.concatenate([self._end, samples])
        self._end = joined[-_OVERLAP:].copy()
        return is_clipped(joined)


def measure_levels(pieces: Iterable[NDArray[np.float32]]) -> Levels:
    """The levels of a sound that comes in pieces [n], whatever its length."""
    meter = LevelMeter()
    for piece in pieces:
        meter.add(piece)
    return meter.levels
