"""Waveforms as SVG, as `librosa.display.waveshow` draws them, without a plotting library.

The importing of those takes a second and a half, and ten waveforms are the first thing that
the app shows; a drawing takes 1 ms instead of 12.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from urbansound.records import CLIP_S, Audio
from urbansound.ui.theme import INK

Floats = NDArray[np.float32]

_HEIGHT = 115.2
# Width in points, and how many stretches of time it is drawn in.
_CARD, _WIDE = (331.2, 400), (1152.0, 1200)
# The peak stays this far off the edge.
_HEADROOM = 1.05
_MISSING_OPACITY = 0.14


def window_s(audio: Audio) -> float:
    """How much time a waveform shows: 4 s, or all of a longer sound."""
    return max(CLIP_S, audio.duration_s)


def wave_svg(audio: Audio, color: str, *, is_wide: bool = False) -> str:
    """The waveform edge to edge over at least 4 s, to its own peak; missing time in grey.

    It stretches to the box it is put into.
    """
    width, most_points = _WIDE if is_wide else _CARD
    wave = _wave(audio, color, width, most_points)
    return (
        f'<svg preserveAspectRatio="none" width="{width}pt" height="{_HEIGHT}pt" '
        f'viewBox="0 0 {width} {_HEIGHT}" xmlns="http://www.w3.org/2000/svg" version="1.1">'
        f"{wave}{_missing(audio, width)}</svg>\n"
    )


def envelope(samples: Floats, most_points: int) -> tuple[Floats, int]:
    """The farthest each stretch of `hop` samples gets from 0, and hop; what is left over goes.

    As `librosa.display.waveshow` has it: at least `most_points` stretches where there are as
    many samples, and fewer than twice as many.
    """
    hop = max(1, len(samples) // most_points)
    n = len(samples) // hop
    farthest: Floats = np.abs(samples[: n * hop].reshape(n, hop)).max(axis=1, initial=0.0)
    return farthest, hop


def _wave(audio: Audio, color: str, width: float, most_points: int) -> str:
    """The envelope, filled; a sound of a few samples as the line of these."""
    peak = float(np.abs(audio.samples).max(initial=0.0))
    samples = audio.samples / peak if peak > 0 else audio.samples
    if not len(samples):
        return ""
    heights, hop, style = samples, 1, "fill:none;stroke-width:1.5;stroke-linecap:square"
    is_line = len(samples) <= most_points
    if not is_line:
        (heights, hop), style = envelope(samples, most_points), f"fill:{color}"
    xs = np.arange(len(heights)) * (hop * width / (audio.sample_rate * window_s(audio)))
    outline = _steps(xs, _HEIGHT / 2 - heights * _HEIGHT / 2 / _HEADROOM)
    if not is_line:
        below = _HEIGHT / 2 + heights[::-1] * _HEIGHT / 2 / _HEADROOM
        outline += _steps_back(xs[::-1], below)
    return f'<path d="{outline}" style="{style};stroke:{color};stroke-linejoin:round"/>'


def _steps(xs: Iterable[float], ys: Iterable[float]) -> str:
    """A path that keeps each height until the next one's place."""
    first, *others = zip(xs, ys, strict=True)
    rest = "".join(f"H{x:.2f}V{y:.2f}" for x, y in others)
    return f"M{first[0]:.2f} {first[1]:.2f}{rest}"


def _steps_back(xs: Iterable[float], ys: Iterable[float]) -> str:
    """The same from its last place to its first, which closes the path."""
    return "".join(f"V{y:.2f}H{x:.2f}" for x, y in zip(xs, ys, strict=True)) + "Z"


def _missing(audio: Audio, width: float) -> str:
    end = window_s(audio)
    if audio.duration_s >= end - 0.02:
        return ""
    x = width * audio.duration_s / end
    size = f'x="{x:.2f}" width="{width - x:.2f}" height="{_HEIGHT}"'
    return f'<rect {size} style="fill:{INK};opacity:{_MISSING_OPACITY}"/>'
