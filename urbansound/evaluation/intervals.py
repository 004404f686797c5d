"""A mean over folds and how far it can be trusted."""

import math
import statistics
from collections.abc import Sequence


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """The mean and the sample deviation, which is 0 for a single value."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return statistics.fmean(values), deviation


def confidence_interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float] | None:
    """Where the mean lies with this certainty, by Student's t; None for fewer than two values.

    Folds share training clips, so the interval is a little too narrow (Bengio and Grandvalet,
    2004: there is no unbiased one).
    """
    if len(values) < 2:
        return None
    from scipy import stats  # Half a second, which the command line's help need not cost.

    mean, deviation = mean_and_deviation(values)
    reach = (
        float(stats.t.ppf((1 + level) / 2, len(values) - 1)) * deviation / math.sqrt(len(values))
    )
    return mean - reach, mean + reach
