"""The learning rate of every step, and the steps of a training. Imports no torch."""

import math

from urbansound.records import TrainConfig

WARM_UP = 0.2
_START, _END = 0.1, 1e-3


def learning_rate(config: TrainConfig, step: int, n_steps: int) -> float:
    """The rate of step 0, 1, … of n_steps.

    "one-cycle" (Smith and Topin, 2018) rises from a tenth of `lr` to all of it over the first
    fifth and falls to a thousandth, both along half a cosine.
    """
    if config.schedule == "constant":
        return config.lr
    peak = max(1.0, WARM_UP * (n_steps - 1))
    if step <= peak:
        return config.lr * _between(_START, 1.0, step / peak)
    return config.lr * _between(1.0, _END, (step - peak) / max(n_steps - 1 - peak, 1.0))


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(share, 1.0))) / 2


def batch_bounds(n_rows: int, batch_size: int, *, only_whole: bool) -> list[tuple[int, int]]:
    """(start, end) of an epoch's batches.

    With `only_whole` a smaller last batch is left out, unless it is the only one: batch
    normalisation would take its statistics from a handful of clips.
    """
    starts = range(0, n_rows, batch_size)
    bounds = [(start, min(start + batch_size, n_rows)) for start in starts]
    return bounds[:-1] if only_whole and len(bounds) > 1 and n_rows % batch_size else bounds
