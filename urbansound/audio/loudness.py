"""How loud a sound is to the ear: ITU-R BS.1770-4, the loudest 400 ms of it."""

import functools
import math

import numpy as np
import scipy.fft
from numpy.typing import NDArray

SILENT_DB = -120.0
_BLOCK_S = 0.1
_BLOCKS = 4
# The two filters of BS.1770-4, tables 1 and 2, at 48 kHz: a shelf for the head, a high-pass.
_RATE = 48_000
_SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
_OFFSET_DB = -0.691


def loudest_db(samples: NDArray[np.float32], sample_rate: int) -> float:
    """The K-weighted level in dB (LKFS) of the loudest 400 ms of a mono sound [n].

    That is the highest momentary loudness, in steps of 100 ms; a sound that is shorter is
    taken whole. -120 for silence and below. A full-scale sine of 997 Hz has -3.01 dB.
    """
    if len(samples) == 0:
        return SILENT_DB
    n_block = max(1, round(_BLOCK_S * sample_rate))
    if len(samples) < _BLOCKS * n_block:
        power = float(_block_powers(samples, len(samples), sample_rate)[0])
    else:
        powers = _block_powers(samples, n_block, sample_rate)
        power = float(np.convolve(powers, np.full(_BLOCKS, 1 / _BLOCKS), "valid").max())
    return max(SILENT_DB, _OFFSET_DB + 10 * math.log10(power)) if power > 1e-13 else SILENT_DB


def _block_powers(
    samples: NDArray[np.float32], n_block: int, sample_rate: int
) -> NDArray[np.float64]:
    """The weighted mean square of each whole block, by Parseval's theorem: [n_blocks]."""
    blocks = samples[: len(samples) // n_block * n_block].reshape(-1, n_block)
    spectrum = scipy.fft.rfft(blocks)
    squares = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.asarray(squares @ _weights(n_block, sample_rate), np.float64)


@functools.lru_cache(maxsize=8)
def _weights(n_block: int, sample_rate: int) -> NDArray[np.float32]:
    """What each line of a block's spectrum counts for: the filters, and its share.

    Above half of 48 kHz, for which the filters are given, they count as at half of it.
    """
    hertz = np.minimum(np.arange(n_block // 2 + 1) * sample_rate / n_block, _RATE / 2)
    step = np.exp(-2j * np.pi * hertz / _RATE)
    response = np.ones_like(step)
    for above, below in (_SHELF, _HIGH_PASS):
        response *= np.polyval(above[::-1], step) / np.polyval(below[::-1], step)
    # All but the first and, of an even length, the last line stand for two.
    lines = np.full(len(hertz), 2.0)
    lines[0] = 1.0
    if n_block % 2 == 0:
        lines[-1] = 1.0
    counts: NDArray[np.float32] = np.square(np.abs(response)) * lines / n_block**2
    return counts.astype(np.float32)
