"""Pictures of sound as Matplotlib figures: transparent, in plot ink, with units.

No pyplot, so nothing is shared between sessions. Matplotlib is not made for threads:
`png` holds one lock from a figure's first line to its last byte.
"""

import io
import threading
from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from urbansound.ui.theme import INK

WIDE = (4.8, 3.0)
_lock = threading.Lock()


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
