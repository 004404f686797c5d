"""Pictures of sound as Matplotlib figures: transparent, in plot ink, with units.

No pyplot, so nothing is shared between sessions. Matplotlib is not made for threads:
`wave_svg` and `png` hold one lock from a figure's first line to its last byte. librosa's
display is imported at the first picture, not before.
"""

import io
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from urbansound.records import CLIP_S, Audio
from urbansound.ui.theme import INK

Floats = NDArray[np.float32]

CARD = (4.6, 1.6)
WIDE = (4.8, 3.0)
_lock = threading.Lock()


def window_s(audio: Audio) -> float:
    """How much time a waveform shows: 4 s, or all of a longer sound."""
    return max(CLIP_S, audio.duration_s)


def wave_figure(
    audio: Audio, color: str, size: tuple[float, float] = CARD, max_points: int = 400
) -> Figure:
    """The waveform edge to edge over at least 4 s, to its own peak; missing time in grey."""
    from librosa.display import waveshow

    figure = Figure(figsize=size)
    figure.patch.set_alpha(0)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    peak = float(np.abs(audio.samples).max(initial=0.0))
    scale = 1 / peak if peak > 0 else 1.0
    waveshow(
        audio.samples * scale, sr=audio.sample_rate, max_points=max_points, ax=axes, color=color
    )
    end = window_s(audio)
    if audio.duration_s < end - 0.02:
        axes.axvspan(audio.duration_s, end, color=INK, alpha=0.14, linewidth=0)
    axes.set(xlim=(0, end), ylim=(-1.05, 1.05))
    return figure


def wave_svg(audio: Audio, color: str, *, is_wide: bool = False) -> str:
    """`wave_figure` as an SVG that stretches to the box it is put into."""
    with _lock:
        # Matplotlib draws no finer than the figure's points, so the size decides the detail.
        figure = (
            wave_figure(audio, color, (16, 1.6), max_points=1200)
            if is_wide
            else wave_figure(audio, color)
        )
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    drawing = text.getvalue()
    start = drawing.index("<svg")
    return drawing[start:].replace("<svg", '<svg preserveAspectRatio="none"', 1)


def new_axes(size: tuple[float, float] = WIDE) -> tuple[Figure, Any]:
    """A transparent figure (inches) and its axes in plot ink, without spines."""
    figure = Figure(figsize=size, layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    axes.tick_params(colors=INK, labelsize=9, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.xaxis.label.set(color=INK, fontsize=9)
    axes.yaxis.label.set(color=INK, fontsize=9)
    return figure, axes


def png(draw: Callable[[], Figure], dpi: int = 200) -> bytes:
    """The figure that `draw` makes as a transparent PNG, sharp on dense screens."""
    target = io.BytesIO()
    with _lock:
        draw().savefig(target, format="png", dpi=dpi, transparent=True)
    return target.getvalue()
