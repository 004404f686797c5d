"""How features lie and move over a clip's time, as one row: means, deviations and deltas.

The row has four groups, each of the n_mfcc coefficients or n_mels bands in their order: the
frames' mean, their standard deviation, and the standard deviations of their deltas and of
the deltas' deltas. The means of the two latter are left out: they only say how the first
frame differs from the last.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from urbansound.features.mfcc import cepstra, log_mel
from urbansound.records import FeatureSpec
from urbansound.stages import staged

Floats = NDArray[np.float32]

N_GROUPS = 4
DELTA_WIDTH = 9
_MIN_WIDTH = 3


@staged("DCT and statistics")
def frame_statistics(wave: Floats, spec: FeatureSpec) -> Floats:
    """The four groups [N_GROUPS * n] of one wave [samples] at spec.sample_rate.

    n is n_mfcc or n_mels. Frames that are all the same deviate by exactly 0. BadAudio for
    no samples.
    """
    levels = log_mel(wave, spec)
    # In float64 the mean of equal values is that value, so their swings are exactly 0.
    mean = levels.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    swings = levels - mean
    if spec.kind == "mfcc":
        mean, swings = cepstra(mean, spec.n_mfcc), cepstra(swings, spec.n_mfcc)
    moves = (swings, delta(swings, order=1), delta(swings, order=2))
    return np.concatenate([mean[:, 0], *(move.std(axis=1) for move in moves)])


def delta(frames: Floats, *, order: int) -> Floats:
    """First or second derivatives over time, of the shape of frames [n, frames].

    Each is the slope of a line, or the curvature of a parabola, fitted to 9 frames around
    (Savitzky-Golay), as in librosa.feature.delta with its defaults: within 4 frames of an
    edge that of the outermost 9. Fewer frames than 9 are fitted in the largest odd number
    that there is; with fewer than 3 nothing is known to move, and all is 0.
    """
    n_frames = frames.shape[1]
    width = min(DELTA_WIDTH, n_frames - 1 + n_frames % 2)
    if width < _MIN_WIDTH:
        return np.zeros_like(frames)
    inner = np.zeros((len(frames), n_frames - width + 1), np.float32)
    for start, weight in enumerate(_fit_weights(width, order)):
        inner += weight * frames[:, start : start + inner.shape[1]]
    return np.pad(inner, ((0, 0), (width // 2, width // 2)), mode="edge")


@lru_cache(maxsize=8)
def _fit_weights(width: int, order: int) -> Floats:
    """What `width` neighbours weigh in the derivative of the polynomial fitted to them.

    order is 1 or 2. The highest coefficient of a least-squares fit is a projection on the
    power of that order, less what the lower ones explain: here the mean.
    """
    steps = np.arange(width) - width // 2
    powers = steps**order - np.mean(steps**order)
    return np.asarray(order * powers / np.sum(powers**2), np.float32)
