"""Waveforms small enough for a table's cell, drawn without a plotting library: 0.5 ms each."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from urbansound.records import CLIP_S, Audio
from urbansound.ui.theme import INK

# Twice the cell's size, for dense screens.
_WIDTH, _HEIGHT = 320, 72
_MISSING_ALPHA = 0.14
_THINNEST_PX = 1.2


def wave_thumbnail(audio: Audio, color: str) -> bytes:
    """The waveform over at least 4 s, to its own peak, as a transparent PNG; missing time grey."""
    window_s = max(CLIP_S, audio.duration_s)
    n_columns = max(1, min(_WIDTH, round(_WIDTH * audio.duration_s / window_s)))
    pixels = np.zeros((_HEIGHT, _WIDTH, 4), np.float32)
    pixels[:, :n_columns, :3] = _rgb(color)
    pixels[:, :n_columns, 3] = 255 * _coverage(audio.samples, n_columns)
    pixels[:, n_columns:, :3] = _rgb(INK)
    pixels[:, n_columns:, 3] = 255 * _MISSING_ALPHA
    target = io.BytesIO()
    Image.fromarray(np.rint(pixels).astype(np.uint8)).save(target, "PNG", compress_level=6)
    return target.getvalue()


def _coverage(samples: NDArray[np.float32], n_columns: int) -> NDArray[np.float32]:
    """How much of each pixel [height, columns] the wave covers, 0 to 1."""
    low, high = _extremes(samples, n_columns)
    scale = (_HEIGHT / 2 - 1) / max(float(high.max()), -float(low.min()), 1e-9)
    top, bottom = _HEIGHT / 2 - high * scale, _HEIGHT / 2 - low * scale
    missing = np.maximum(_THINNEST_PX - (bottom - top), 0) / 2
    rows = np.arange(_HEIGHT, dtype=np.float32)[:, np.newaxis]
    covered = np.minimum(bottom + missing, rows + 1) - np.maximum(top - missing, rows)
    covered_share: NDArray[np.float32] = np.clip(covered, 0, 1)
    return covered_share


def _extremes(
    samples: NDArray[np.float32], n: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The lowest and the highest sample of each of n stretches."""
    if len(samples) == 0:
        return np.zeros(n, np.float32), np.zeros(n, np.float32)
    starts = (np.arange(n) * len(samples)) // n
    return np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue
