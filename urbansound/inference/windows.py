"""Which stretches of a recording a model hears, cut out of it as it comes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.records import CLIP_S, Audio

Floats = NDArray[np.float32]

WINDOW_S = CLIP_S
# In less there is nothing to be heard.
MIN_S = 0.05
HOP_S = 2.0
# A last window shorter than this would only repeat what the one before has heard.
MIN_REST_S = 0.25


def is_one_window(duration_s: float) -> bool:
    """Whether a sound of that length is heard all at once, as a sound of up to 4.25 s is."""
    return duration_s <= WINDOW_S + MIN_REST_S


@dataclass(frozen=True, eq=False)
class Window:
    """A stretch of a recording, from s to s, with its sound at the recording's own rate."""

    start_s: float
    end_s: float
    audio: Audio


def window_batches(
    chunks: Iterable[Floats], sample_rate: int, n_at_once: int
) -> Iterator[list[Window]]:
    """Windows of 4 s every 2 s, up to n_at_once in a list, in the order of time.

    chunks are mono [n] of any lengths. The last window ends with the sound. A sound of up to
    4.25 s is one window, as long as it is; no samples are no window. No more of the sound is
    kept than the windows at hand need.
    """
    cutter = _Cutter(sample_rate)
    enough = round((WINDOW_S + n_at_once * HOP_S) * sample_rate)
    for chunk in chunks:
        cutter.add(chunk)
        if cutter.n_kept > enough:
            yield from _batched(cutter.cut(), n_at_once)
    yield from _batched(cutter.cut_rest(), n_at_once)


def _batched(windows: list[Window], n_at_once: int) -> Iterator[list[Window]]:
    for start in range(0, len(windows), n_at_once):
        yield windows[start : start + n_at_once]


class _Cutter:
    """The part of a sound that is still needed, and where the next window begins, in samples."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._length, self._hop = round(WINDOW_S * sample_rate), round(HOP_S * sample_rate)
        self._parts: list[Floats] = [np.empty(0, np.float32)]
        self._first = self._next = self.n_kept = 0

    def add(self, chunk: Floats) -> None:
        """Take in what came."""
        self._parts.append(chunk)
        self.n_kept += len(chunk)

    def cut(self) -> list[Window]:
        """The windows that there is sound for; only for sounds that are longer than one."""
        self._join()
        windows = []
        while self._next + self._length <= self._n_samples:
            windows.append(self._window(self._next, self._next + self._length))
            self._next += self._hop
        # The sound's last window may begin up to a hop before the next one would.
        self._drop_until(self._next - self._hop)
        return windows

    def cut_rest(self) -> list[Window]:
        """The windows that are left when the sound has come to its end."""
        self._join()
        end, rest = self._n_samples, MIN_REST_S * self._rate
        if is_one_window(end / self._rate):
            return [self._window(0, end)] if end else []
        windows = self.cut()
        if end - rest > self._next - self._hop + self._length:
            windows.append(self._window(end - self._length, end))
        return windows

    @property
    def _n_samples(self) -> int:
        return self._first + self.n_kept

    def _join(self) -> None:
        self._parts = [np.concatenate(self._parts)]

    def _drop_until(self, first: int) -> None:
        if first > self._first:
            self._parts = [self._parts[0][first - self._first :]]
            self._first, self.n_kept = first, len(self._parts[0])

    def _window(self, start: int, end: int) -> Window:
        samples = self._parts[0][start - self._first : end - self._first]
        return Window(start / self._rate, end / self._rate, Audio(samples, self._rate))
